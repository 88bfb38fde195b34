"""What a profile can say: a dialect, rules for the columns, what the path tells; data, no code."""
