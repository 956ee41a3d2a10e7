{
  description = "loadgen, a load generator with k6's model, and servy, the web server that it tests";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      linux = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      # The two programs run there; containers, virtual machines and systemd do not.
      everywhere = linux ++ [ "aarch64-darwin" ];
      for = systems: make: lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
      isLinux = pkgs: lib.elem pkgs.stdenv.hostPlatform.system linux;

      programs = pkgs: import ./nix/programs.nix { inherit pkgs; };
      bench =
        pkgs:
        import ./nix/bench.nix {
          inherit pkgs;
          inherit (nixpkgs.lib) nixosSystem;
          inherit (programs pkgs) loadgen servy;
          servyModule = self.nixosModules.servy;
        };
      packages =
        pkgs:
        programs pkgs
        // {
          default = (programs pkgs).loadgen;
        }
        // lib.optionalAttrs (isLinux pkgs) (
          bench pkgs
          // {
            servy-container = pkgs.callPackage ./nix/container.nix { inherit (programs pkgs) servy; };
          }
        );
      runnable = [
        "default"
        "loadgen"
        "servy"
        "loadtest"
        "benchvm"
        "benchvm-exec"
        "benchvm-test"
      ];
    in
    {
      packages = for everywhere packages;

      apps = for everywhere (
        pkgs:
        lib.mapAttrs (_: package: {
          type = "app";
          program = lib.getExe package;
        }) (lib.filterAttrs (name: _: lib.elem name runnable) (packages pkgs))
      );

      nixosModules = rec {
        servy = import ./nix/module.nix {
          servyFor = pkgs: (programs pkgs).servy;
        };
        default = servy;
      };

      checks = for everywhere (
        pkgs:
        import ./nix/checks.nix { inherit pkgs; }
        // lib.optionalAttrs (isLinux pkgs) {
          vm = pkgs.callPackage ./nix/vm-test.nix {
            inherit (programs pkgs) loadgen;
            servyModule = self.nixosModules.servy;
          };
        }
      );

      devShells = for everywhere (pkgs: {
        default = pkgs.callPackage ./nix/shell.nix { inherit (programs pkgs) loadgen servy; };
      });

      formatter = for everywhere (pkgs: pkgs.nixfmt);
    };
}
