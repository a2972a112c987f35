"""The stage's keys and their uses: seals, mailed tokens and codes, texts that clients keep, authenticated messages."""
