# What the workspace is built from: a change to a README builds nothing anew.
{ lib }:
lib.fileset.toSource {
  root = ../.;
  fileset = lib.fileset.unions [
    ../Cargo.toml
    ../Cargo.lock
    ../clippy.toml
    ../rustfmt.toml
    ../crates
    # A test compares it with the table of options.
    ../docs/options.md
  ];
}
