# `nix build .#servy-container && docker load < result`
{
  lib,
  dockerTools,
  cacert,
  servy,
}:
dockerTools.buildLayeredImage {
  name = "servy";
  tag = servy.version;
  contents = [ cacert ];
  config = {
    Entrypoint = [ (lib.getExe servy) ];
    # nobody: there is nothing in the image that it could own.
    User = "65534:65534";
    Env = [
      "SERVY_HOST=0.0.0.0"
      # A list of short links may come from https.
      "SSL_CERT_FILE=/etc/ssl/certs/ca-bundle.crt"
    ];
    ExposedPorts = {
      "8080/tcp" = { };
      "8081/tcp" = { };
    };
  };
}
