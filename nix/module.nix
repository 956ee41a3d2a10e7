# `services.servy`: servy as a service that can do nothing but serve.
{ servyFor }:
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.services.servy;
  variable = value: if lib.isBool value then lib.boolToString value else toString value;
in
{
  options.services.servy = {
    enable = lib.mkEnableOption "servy, a web server for static sites and short links";
    package = mkOption {
      type = types.package;
      default = servyFor pkgs;
      defaultText = lib.literalExpression "servy of this flake";
      description = "The servy to run; `servy.override { assets = ./public; }` has its site inside.";
    };
    assets = mkOption {
      type = types.nullOr types.path;
      default = null;
      description = "The folder to serve, not below /home; null is the site inside the program.";
    };
    redirects = mkOption {
      type = types.nullOr types.str;
      default = null;
      example = "https://example.org/redirects.txt";
      description = "A file or URL with the short links, one `alias URL` a line.";
    };
    host = mkOption {
      type = types.str;
      default = "127.0.0.1";
      description = "The name or address to listen on.";
    };
    port = mkOption {
      type = types.port;
      default = 8080;
      description = "The port of the site.";
    };
    metricsPort = mkOption {
      type = types.port;
      default = 8081;
      description = "The port of /metrics, /healthz and /readyz.";
    };
    openFirewall = mkOption {
      type = types.bool;
      default = false;
      description = "Whether the port of the site is opened in the firewall; that of the metrics never is.";
    };
    settings = mkOption {
      type = types.attrsOf (
        types.oneOf [
          types.bool
          types.int
          types.str
        ]
      );
      default = { };
      example = {
        SERVY_PPROF = true;
        SERVY_MAX_CONNECTIONS = 20000;
      };
      description = "Further settings, by the variables that `servy --print-config` prints.";
    };
  };

  config = lib.mkIf cfg.enable {
    networking.firewall.allowedTCPPorts = lib.optional cfg.openFirewall cfg.port;

    systemd.services.servy = {
      description = "servy, a web server";
      wantedBy = [ "multi-user.target" ];
      wants = [ "network-online.target" ];
      after = [ "network-online.target" ];
      environment = lib.mapAttrs (_: variable) (
        {
          SERVY_HOST = cfg.host;
          SERVY_PORT = cfg.port;
          SERVY_METRICS_PORT = cfg.metricsPort;
        }
        // lib.optionalAttrs (cfg.assets != null) { SERVY_ASSETS_DIR = cfg.assets; }
        // lib.optionalAttrs (cfg.redirects != null) { SERVY_REDIRECTS_URL = cfg.redirects; }
        // cfg.settings
      );
      serviceConfig = {
        ExecStart = lib.getExe cfg.package;
        Restart = "on-failure";
        # Longer than servy's own --shutdown-timeout, so that answers in flight are finished.
        TimeoutStopSec = 20;
        LimitNOFILE = 65536;

        DynamicUser = true;
        UMask = "0077";
        NoNewPrivileges = true;
        AmbientCapabilities = lib.optional (cfg.port < 1024) "CAP_NET_BIND_SERVICE";
        CapabilityBoundingSet = if cfg.port < 1024 then [ "CAP_NET_BIND_SERVICE" ] else [ "" ];
        PrivateUsers = cfg.port >= 1024;

        ProtectSystem = "strict";
        ProtectHome = true;
        ProtectProc = "invisible";
        ProcSubset = "pid";
        PrivateTmp = true;
        PrivateDevices = true;
        PrivateIPC = true;
        ProtectClock = true;
        ProtectControlGroups = true;
        ProtectHostname = true;
        ProtectKernelLogs = true;
        ProtectKernelModules = true;
        ProtectKernelTunables = true;
        RemoveIPC = true;

        LockPersonality = true;
        MemoryDenyWriteExecute = true;
        RestrictAddressFamilies = [
          "AF_INET"
          "AF_INET6"
          # Names are resolved through a socket of the system.
          "AF_UNIX"
        ];
        RestrictNamespaces = true;
        RestrictRealtime = true;
        RestrictSUIDSGID = true;
        SystemCallArchitectures = "native";
        SystemCallErrorNumber = "EPERM";
        SystemCallFilter = [
          "@system-service"
          "~@privileged"
        ];
      };
    };
  };
}
