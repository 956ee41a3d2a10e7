# The virtual machine that servers are compared in: each of environment.nix's servers is configured
# and none is started; `loadtest` starts the one that it tests.
{
  environment,
  loadtest,
  site,
}:
{
  config,
  lib,
  pkgs,
  ...
}:
{
  services.servy = {
    enable = true;
    assets = site;
    settings.SERVY_ACCESS_LOG = false;
  };
  services.nginx = {
    enable = true;
    recommendedGzipSettings = true;
    appendHttpConfig = "access_log off;";
    virtualHosts.site = {
      listen = [
        {
          addr = "127.0.0.1";
          port = 8090;
        }
      ];
      root = "${site}";
    };
  };
  systemd.services = lib.genAttrs [ "servy" "nginx" ] (_: {
    wantedBy = lib.mkForce [ ];
    # One that is killed is a result. It must not come back while it is measured.
    serviceConfig.Restart = lib.mkForce "no";
  })
  // {
    # The key that `benchvm` made at its first start.
    benchvm-key = {
      wantedBy = [ "multi-user.target" ];
      before = [ "sshd.service" ];
      unitConfig.RequiresMountsFor = "/mnt/benchvm";
      serviceConfig.Type = "oneshot";
      script = "install -D -m 600 /mnt/benchvm/authorized_keys /root/.ssh/authorized_keys";
    };
  };

  services.openssh = {
    enable = true;
    settings = {
      PasswordAuthentication = false;
      KbdInteractiveAuthentication = false;
      PermitRootLogin = "prohibit-password";
    };
  };

  environment.systemPackages = [
    loadtest
    pkgs.htop
  ];

  virtualisation.vmVariant.virtualisation = {
    inherit (environment) cores;
    memorySize = environment.memory;
    graphics = false;
    forwardPorts = [
      {
        from = "host";
        host.address = "127.0.0.1";
        host.port = environment.sshPort;
        guest.port = 22;
      }
    ];
    sharedDirectories.benchvm = {
      # An expression of the script that starts the machine: `benchvm` sets the variable.
      source = ''"$BENCHVM_SHARE"'';
      target = "/mnt/benchvm";
      securityModel = "none";
    };
  };

  networking.hostName = "benchvm";
  system.stateVersion = "26.05";
}
