"""The one Arrow pass: text to records, records to trades and rejects, trades to COPY."""
