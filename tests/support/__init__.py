"""What several tests need: a throw-away cluster, factories, counters."""
