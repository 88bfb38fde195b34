"""How Tradewind learns that a file is there: stores, queues, the listener, the journal and the sweep."""
