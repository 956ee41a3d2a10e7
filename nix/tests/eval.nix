# What test_flake.py looks at: the flake's outputs, evaluated against the stub.
let
  stub = import ./stub;
  inherit (stub) lib;
  flake = import ../../flake.nix;
  self = flake.outputs {
    inherit self;
    nixpkgs = stub;
  };
  system = "x86_64-linux";
  packages = self.packages.${system};
  pkgs = stub.legacyPackages.${system};

  service =
    settings:
    (import ./stub/modules.nix {
      inherit lib pkgs;
      modules = [
        self.nixosModules.servy
        { services.servy = settings // { enable = true; }; }
      ];
    }).config;

  # A unit file as systemd reads it.
  lines =
    section:
    lib.mapAttrsToList (
      name: value:
      lib.concatStringsSep "\n" (
        map (one: "${name}=${if builtins.isBool one then lib.boolToString one else toString one}") (
          if builtins.isList value then value else [ value ]
        )
      )
    ) section;
  unit =
    service:
    lib.concatStringsSep "\n" (
      [
        "[Unit]"
        "Description=${service.description}"
      ]
      ++ map (other: "Wants=${other}") service.wants
      ++ map (other: "After=${other}") service.after
      ++ [ "[Service]" ]
      ++ lib.mapAttrsToList (name: value: "Environment=\"${name}=${value}\"") service.environment
      ++ lines service.serviceConfig
      ++ [ "[Install]" ]
      ++ map (other: "WantedBy=${other}") service.wantedBy
      ++ [ "" ]
    );
in
{
  outputs = lib.mapAttrs (
    name: output: if name == "nixosModules" then output else lib.mapAttrs (_: builtins.attrNames) output
  ) (removeAttrs self [ "formatter" "nixosModules" ]);
  modules = builtins.attrNames self.nixosModules;
  apps = lib.mapAttrs (_: app: app.program) self.apps.${system};
  formatter = self.formatter.${system}.name;
  shell = map (package: package.name) self.devShells.${system}.default.packages;

  scripts = lib.mapAttrs (_: package: package.script) (
    lib.filterAttrs (_: package: package ? script) packages
  );
  builds = lib.mapAttrs (_: package: {
    inherit (package) pname version env cargoBuildFlags;
    inputs = map (input: input.name) package.nativeBuildInputs;
    source = package.src.files;
  }) { inherit (packages) loadgen servy; };
  servyWithAssets = (packages.servy.override { assets = "/some/public"; }).env;
  demoSite = packages.demo-site.command;
  container = packages.servy-container.image;

  checks = lib.mapAttrs (_: check: check.buildPhase) (
    lib.filterAttrs (_: check: check ? buildPhase) self.checks.${system}
  );
  vmTest.script =
    let
      vm = self.checks.${system}.vm;
    in
    assert vm.machines.machine.config.systemd.services ? servy;
    vm.testScript;
  machine =
    let
      inherit (packages.benchvm.machine) config;
    in
    {
      environment = import ../environment.nix;
      vm = config.virtualisation.vmVariant.virtualisation;
      ssh = config.services.openssh.settings;
      units = lib.mapAttrs (_: service: {
        inherit (service) wantedBy;
        restart = service.serviceConfig.Restart or null;
      }) (removeAttrs config.systemd.services [ "benchvm-key" ]);
    };

  units = lib.mapAttrs (_: settings: unit (service settings).systemd.services.servy) {
    plain = { };
    everything = {
      assets = "/srv/www";
      redirects = "https://example.org/redirects.txt";
      host = "0.0.0.0";
      port = 80;
      openFirewall = true;
      settings = {
        SERVY_PPROF = true;
        SERVY_MAX_CONNECTIONS = 20000;
      };
    };
  };
  firewall = map (settings: (service settings).networking.firewall.allowedTCPPorts) [
    { }
    { openFirewall = true; }
  ];
  accepted =
    lib.mapAttrs
      (
        _: settings:
        let
          servy = (service settings).services.servy;
        in
        (builtins.tryEval (builtins.deepSeq (removeAttrs servy [ "package" ]) true)).success
      )
      {
        good = { port = 80; };
        type = { port = "80"; };
        range = { port = 70000; };
        name = { prot = 80; };
      };
}
