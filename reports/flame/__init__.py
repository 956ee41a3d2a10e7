"""`reports/flamegraph`: `pprof` and `perf` read profiles, `svg` draws them."""
