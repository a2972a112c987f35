"""Keys of the stage, and what is made of them: seals, mailed tokens and codes, authenticated messages."""
