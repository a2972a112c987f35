"""Everybody out: people as a file that an import takes."""

__all__ = ["clearing", "export"]
