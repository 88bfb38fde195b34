"""Queues: where notifications come from."""
