# One program of the workspace. `servy.override { assets = ./public; }` is a servy with that site inside.
{
  lib,
  rustPlatform,
  cmake,
  crate,
  description,
  assets ? null,
}:
rustPlatform.buildRustPackage (
  import ./workspace.nix { inherit lib cmake; }
  // {
    pname = crate;
    cargoBuildFlags = [
      "--package"
      crate
    ];
    env = lib.optionalAttrs (assets != null) { SERVY_ASSETS_DIR = "${assets}"; };
    # The tests are a check of the flake, for the whole workspace at once.
    doCheck = false;
    meta = {
      inherit description;
      license = with lib.licenses; [
        mit
        asl20
      ];
      mainProgram = crate;
      platforms = lib.platforms.unix;
    };
  }
)
