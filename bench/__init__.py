"""The benchmarks, each one command; see README.md."""
