let
  inherit (builtins)
    attrNames
    concatStringsSep
    elem
    filter
    isAttrs
    isBool
    isInt
    isList
    isPath
    isString
    listToAttrs
    mapAttrs
    ;
  type = name: check: { inherit name check; };
in
rec {
  inherit elem isBool mapAttrs concatStringsSep;
  genAttrs = names: f: listToAttrs (map (name: { inherit name; value = f name; }) names);
  filterAttrs = keep: set: removeAttrs set (filter (name: !keep name set.${name}) (attrNames set));
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  optional = condition: value: if condition then [ value ] else [ ];
  optionalAttrs = condition: set: if condition then set else { };
  boolToString = value: if value then "true" else "false";
  escapeShellArg = text: "'" + builtins.replaceStrings [ "'" ] [ "'\\''" ] text + "'";
  importTOML = file: builtins.fromTOML (builtins.readFile file);
  isDerivation = value: isAttrs value && value.type or null == "derivation";
  getExe = package: "${package}/bin/${package.meta.mainProgram}";

  # The folders and files are only looked for.
  fileset = {
    unions = paths: map (path: assert builtins.pathExists path; path) paths;
    toSource = { root, fileset }: assert builtins.pathExists root; {
      inherit root;
      files = map toString fileset;
    };
  };

  licenses = {
    mit = "MIT";
    asl20 = "Apache-2.0";
  };
  platforms.unix = "unix";

  literalExpression = text: text;
  mkOption = option: option // { _type = "option"; };
  mkEnableOption =
    description:
    mkOption {
      inherit description;
      type = types.bool;
      default = false;
    };
  mkIf = condition: content: {
    _type = "if";
    inherit condition content;
  };
  mkForce = content: {
    _type = "force";
    inherit content;
  };

  types = rec {
    bool = type "bool" isBool;
    int = type "int" isInt;
    str = type "str" isString;
    port = type "port" (value: isInt value && 0 <= value && value <= 65535);
    path = type "path" (value: isPath value || isDerivation value || (isString value && builtins.substring 0 1 value == "/"));
    package = type "package" isDerivation;
    nullOr = of: type "null or ${of.name}" (value: value == null || of.check value);
    oneOf = of: type "one of ${concatStringsSep ", " (map (t: t.name) of)}" (value: builtins.any (t: t.check value) of);
    attrsOf = of: type "attributes of ${of.name}" (value: isAttrs value && builtins.all (name: of.check value.${name}) (attrNames value));
    listOf = of: type "list of ${of.name}" (value: isList value && builtins.all of.check value);
  };
}
