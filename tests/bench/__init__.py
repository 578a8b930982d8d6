"""Benchmarks: ours and its peers interleaved in one run, equal outputs first, then the clock."""
