"""The API about itself: its health, its OpenAPI document, and docs for people."""

__all__ = ["VERSION"]

VERSION = "0.2.0"
"""The version of the app, equal to that in `pyproject.toml`."""
