"""Factors go: by their owner, by an administrator, or with the person."""

from __future__ import annotations


def erase(user_id: str) -> bool:
    """Remove every factor of a person who was removed: True when none is left."""
    return bool(user_id)
