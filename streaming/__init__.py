"""The pipeline: from arrivals to merged trades."""
