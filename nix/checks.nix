# What must hold, as builds: the steps of .ci/run that need the Rust toolchain.
{ pkgs }:
let
  inherit (pkgs) rustPlatform;
  workspace = import ./workspace.nix { inherit (pkgs) lib cmake; };
  check =
    name: tools: command:
    rustPlatform.buildRustPackage (
      workspace
      // {
        pname = "loadgen-${name}";
        nativeBuildInputs = workspace.nativeBuildInputs ++ tools;
        buildPhase = ''
          runHook preBuild
          ${command}
          runHook postBuild
        '';
        doCheck = false;
        installPhase = "touch $out";
      }
    );
in
{
  fmt = check "fmt" [ pkgs.rustfmt ] "cargo fmt --all --check";
  clippy =
    check "clippy" [ pkgs.clippy ]
      "cargo clippy --workspace --all-targets --offline -- -D warnings";
  tests =
    check "tests"
      [
        pkgs.nginx
        pkgs.cacert
      ]
      ''
        export SSL_CERT_FILE=${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt
        export LOADGEN_TEST_NGINX=required INSTA_UPDATE=no
        cargo test --workspace --offline
      '';
}
