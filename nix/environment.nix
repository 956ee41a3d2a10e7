# The environment that servers are compared in. It is changed here and nowhere else.
{
  # The virtual machine.
  cores = 2;
  memory = 4096; # MB

  # The load.
  vus = 10;
  duration = "30s";

  # The folder that every server serves; null is servy's demo site.
  site = null;

  # What `loadtest NAME` starts, and where it answers. A new server is a line here and its
  # configuration in nix/benchvm.nix.
  servers = {
    servy = {
      unit = "servy.service";
      url = "http://127.0.0.1:8080/";
    };
    nginx = {
      unit = "nginx.service";
      url = "http://127.0.0.1:8090/";
    };
  };

  # The port of the host that leads to the machine's ssh.
  sshPort = 2222;
}
