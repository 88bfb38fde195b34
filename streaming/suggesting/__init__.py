"""A profile from a sample: a known layout is told, a new one is proposed, and what is uncertain is a question."""
