# servy as a service of a machine: it is crawled, loaded, and its summary is looked at.
{
  testers,
  loadgen,
  servyModule,
}:
testers.runNixOSTest {
  name = "servy";
  nodes.machine = {
    imports = [ servyModule ];
    services.servy.enable = true;
    environment.systemPackages = [ loadgen ];
    virtualisation.cores = 2;
  };
  testScript = builtins.readFile ./vm-test.py;
}
