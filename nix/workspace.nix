# What all builds of the workspace have in common.
{
  lib,
  cmake,
}:
{
  inherit ((lib.importTOML ../Cargo.toml).workspace.package) version;
  src = import ./source.nix { inherit lib; };
  cargoLock.lockFile = ../Cargo.lock;
  # rustls's cryptography is aws-lc, which is C.
  nativeBuildInputs = [ cmake ];
}
