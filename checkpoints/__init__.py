"""Spark's checkpoints from the outside: guard, inspect, reset, prune. A place only; the ledger is the truth."""
