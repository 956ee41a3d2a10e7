# As much of nixpkgs as this flake uses, so that the flake can be evaluated where nixpkgs cannot be
# had. A derivation is a set with the arguments that it was made from; nothing is built.
let
  lib = import ./lib.nix;
  pkgsFor = system: import ./pkgs.nix { inherit lib system; };
in
{
  lib = lib // {
    nixosSystem =
      { system, modules }:
      import ./modules.nix {
        inherit lib modules;
        pkgs = pkgsFor system;
      };
  };
  legacyPackages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" "aarch64-darwin" ] pkgsFor;
}
