//! Durations in Go's notation (`1m30s`, `500ms`, `1.5h`), which is what k6 reads and prints.
