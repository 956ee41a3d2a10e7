# `nix develop`: all that .ci/run, the benchmarks and the reports need.
{
  lib,
  stdenv,
  mkShell,
  loadgen,
  servy,
  rustfmt,
  clippy,
  rust-analyzer,
  cargo-insta,
  cargo-deny,
  shellcheck,
  nixfmt,
  python3,
  nginx,
  lighttpd,
  wrk,
  perf,
}:
mkShell {
  inputsFrom = [
    loadgen
    servy
  ];
  packages = [
    rustfmt
    clippy
    rust-analyzer
    cargo-insta
    cargo-deny
    shellcheck
    nixfmt
    python3
    nginx
    lighttpd
    wrk
  ]
  ++ lib.optional stdenv.hostPlatform.isLinux perf;
}
