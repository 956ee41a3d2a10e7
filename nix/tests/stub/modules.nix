# The module system in small: imports, declared options with their types and defaults, mkIf, mkForce;
# definitions of one option are merged. What no module declares is taken as it is defined, except beside
# declared options, where it is a mistake.
{
  lib,
  pkgs,
  modules,
}:
let
  inherit (builtins)
    all
    any
    attrNames
    concatLists
    concatMap
    filter
    head
    isAttrs
    isFunction
    isList
    length
    ;

  load =
    module:
    let
      function = if isFunction module || isAttrs module then module else import module;
      loaded = if isFunction function then function { inherit config lib pkgs; } else function;
    in
    [ loaded ] ++ concatMap load (loaded.imports or [ ]);
  loaded = concatMap load modules;
  definitions = map (module: module.config or (removeAttrs module [ "imports" "options" ])) loaded;
  declarations = foldMerge (map (module: module.options or { }) loaded);
  foldMerge = builtins.foldl' merge { };
  merge =
    a: b:
    a
    // lib.mapAttrs (
      name: value: if a ? ${name} && isAttrs value && !(isOption value) then merge a.${name} value else value
    ) b;
  isOption = value: isAttrs value && value._type or null == "option";

  property = value: if isAttrs value then value._type or null else null;
  # What a definition says, whether it holds or not.
  peel = value: if property value == "if" || property value == "force" then peel value.content else value;
  holds = value: if property value == "if" then value.condition && holds value.content else true;
  isForced = value: property value == "force" || (property value == "if" && isForced value.content);
  # The definition of one attribute, under the conditions of the whole.
  descend =
    name: value:
    if property value == "if" || property value == "force" then
      value // { content = descend name value.content; }
    else
      value.${name};
  isSet = value: isAttrs (peel value) && !(lib.isDerivation (peel value));

  names = defined: attrNames (foldMerge (map (value: lib.mapAttrs (_: _: null) (peel value)) defined));

  combine =
    here: default: values:
    if values == [ ] then
      default
    else if all isList values then
      concatLists values
    else if all isSet values then
      foldMerge values
    else if length values == 1 then
      head values
    else
      throw "${here} is defined more than once";

  evaluate =
    path: declared: defined:
    let
      here = lib.concatStringsSep "." path;
      held = filter holds defined;
      forced = filter isForced held;
      values = map peel (if forced != [ ] then forced else held);
      value = combine here (declared.default or (throw "${here} is used but not defined")) values;
      children = lib.genAttrs (names (defined ++ lib.optional (declared != null) declared)) (
        name:
        evaluate (path ++ [ name ]) (declared.${name} or undeclared) (
          map (descend name) (filter (definition: (peel definition) ? ${name}) defined)
        )
      );
      undeclared =
        if declared != null && any (name: isOption declared.${name}) (attrNames declared) then
          throw "${here} has no such option"
        else
          null;
    in
    if isOption declared then
      if declared.type.check value then value else throw "${here} is not of type ${declared.type.name}"
    else if declared != null || (defined != [ ] && all isSet defined) then
      children
    else
      value;

  evaluated = evaluate [ ] declarations definitions;
  config = evaluated // {
    # What the virtual machine's script is made from.
    system = evaluated.system or { } // {
      build.vm = {
        type = "derivation";
        name = "vm";
        outPath = "/nix/store/00000000000000000000000000000000-vm";
        meta.mainProgram = "run-${config.networking.hostName}-vm";
      };
    };
  };
in
{
  inherit config;
}
