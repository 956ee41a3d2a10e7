# `loadtest`, and the virtual machine that it runs in.
{
  pkgs,
  nixosSystem,
  loadgen,
  servy,
  servyModule,
}:
let
  inherit (pkgs) lib;
  environment = import ./environment.nix;

  demo-site =
    pkgs.runCommand "demo-site"
      {
        nativeBuildInputs = [
          loadgen
          servy
          pkgs.python3
        ];
      }
      ''
        python3 ${../reports/demo-site} "$out"
      '';
  site = if environment.site == null then demo-site else environment.site;

  servers = lib.mapAttrsToList (name: server: "${name} ${server.unit} ${server.url}") environment.servers;

  loadtest = pkgs.writeShellApplication {
    name = "loadtest";
    runtimeInputs = [
      loadgen
      pkgs.curl
      pkgs.systemd
    ];
    text = ''
      LOADTEST_SERVERS=${lib.escapeShellArg (lib.concatStringsSep "\n" servers)}
      export K6_VUS=${toString environment.vus} K6_DURATION=${environment.duration}
    ''
    + builtins.readFile ./loadtest.sh;
  };

  machine = nixosSystem {
    inherit (pkgs.stdenv.hostPlatform) system;
    modules = [
      servyModule
      (import ./benchvm.nix { inherit environment loadtest site; })
    ];
  };

  benchvm = pkgs.writeShellApplication {
    name = "benchvm";
    passthru = { inherit machine; };
    runtimeInputs = [ pkgs.openssh ];
    text = ''
      BENCHVM_RUN=${lib.getExe machine.config.system.build.vm}
    ''
    + builtins.readFile ./benchvm.sh;
  };

  benchvm-exec = pkgs.writeShellApplication {
    name = "benchvm-exec";
    runtimeInputs = [ pkgs.openssh ];
    text = ''
      BENCHVM_PORT=${toString environment.sshPort}
    ''
    + builtins.readFile ./benchvm-exec.sh;
  };

  benchvm-test = pkgs.writeShellApplication {
    name = "benchvm-test";
    runtimeInputs = [
      benchvm-exec
      pkgs.gnutar
    ];
    text = builtins.readFile ./benchvm-test.sh;
  };
in
{
  inherit
    loadtest
    benchvm
    benchvm-exec
    benchvm-test
    demo-site
    ;
}
