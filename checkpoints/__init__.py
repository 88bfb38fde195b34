"""Spark's checkpoints from the outside: a place in a stream, guarded, inspected, reset and pruned."""
