"""Which version this is."""

VERSION = "0.2.0"
"""The version of the app, equal to that in `pyproject.toml`."""
