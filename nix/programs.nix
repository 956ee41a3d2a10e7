{ pkgs }:
{
  loadgen = pkgs.callPackage ./package.nix {
    crate = "loadgen";
    description = "Load generator with k6's model";
  };
  servy = pkgs.callPackage ./package.nix {
    crate = "servy";
    description = "Web server for static sites and short links";
  };
}
