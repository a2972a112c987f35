"""The user directory: people as they are, and as they were at a point in time."""

__all__ = []
