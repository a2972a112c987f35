"""What the API says of itself: that it is up, its OpenAPI document, and docs for people."""

VERSION = "0.2.0"
"""Of the app, as in `pyproject.toml`."""
