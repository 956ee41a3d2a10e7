{ lib, system }:
let
  derivation =
    args:
    let
      name = args.name or "${args.pname}-${args.version}";
    in
    {
      meta.mainProgram = name;
    }
    // args
    // {
      type = "derivation";
      inherit name;
      outPath = "/nix/store/00000000000000000000000000000000-${name}";
    };
  tool = name: derivation { inherit name; };
  tools = lib.genAttrs [
    "bash"
    "cacert"
    "cargo-deny"
    "cargo-insta"
    "clippy"
    "cmake"
    "curl"
    "gnutar"
    "htop"
    "lighttpd"
    "nginx"
    "nixfmt"
    "openssh"
    "perf"
    "python3"
    "rust-analyzer"
    "rustfmt"
    "shellcheck"
    "systemd"
    "wrk"
  ] tool;
  callPackage =
    function: overrides:
    let
      f = if builtins.isFunction function then function else import function;
      call =
        args:
        f (builtins.intersectAttrs (builtins.functionArgs f) pkgs // args)
        // {
          override = more: call (args // more);
        };
    in
    call overrides;
  pkgs = tools // {
    inherit lib pkgs callPackage;
    stdenv.hostPlatform = {
      inherit system;
      isLinux = builtins.match ".*-linux" system != null;
    };
    rustPlatform.buildRustPackage =
      args:
      assert builtins.pathExists args.cargoLock.lockFile;
      derivation args;
    runCommand = name: args: command: derivation (args // { inherit name command; });
    mkShell = args: derivation (args // { name = "shell"; });
    writeShellApplication =
      args:
      derivation (
        args
        // args.passthru or { }
        // {
          # As nixpkgs writes it.
          script = ''
            #!/usr/bin/env bash
            set -o errexit
            set -o nounset
            set -o pipefail

            export PATH="${lib.concatStringsSep ":" (map (input: "${input}/bin") args.runtimeInputs)}:$PATH"

            ${args.text}
          '';
        }
      );
    dockerTools.buildLayeredImage = args: derivation (args // { image = args; });
    testers.runNixOSTest =
      args:
      derivation (
        args
        // {
          name = "vm-test-${args.name}";
          machines = lib.mapAttrs (
            _: node:
            import ./modules.nix {
              inherit lib pkgs;
              modules = [ node ];
            }
          ) args.nodes;
        }
      );
  };
in
pkgs
