"""Who may ask what. Every address is closed until it says otherwise."""
