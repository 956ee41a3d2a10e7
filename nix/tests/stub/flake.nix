{
  description = "nixpkgs, as far as ../../../flake.nix uses it";
  outputs = _: import ./.;
}
