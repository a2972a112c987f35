"""The token endpoint: how clients prove themselves there, and what each grant type gives."""
