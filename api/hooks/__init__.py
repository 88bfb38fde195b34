"""Webhooks: what a cloud tells by calling. Each is verified by its own rules, and journaled before it is answered."""
