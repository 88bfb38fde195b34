"""What `make bench` runs: Tradewind against a hand-written script, its latency, many small files, its memory."""
