"""The stage's keys and their uses: sealing, mailed tokens and codes, authenticated messages."""
