"""The rows that replication keeps in the table `guards`."""

from __future__ import annotations

from typing import TypedDict


class CopyRow(TypedDict):
    """The newest version of an object that an event has named, under `copy#<SHA-256 of the object's key>`."""

    id: str
    schema: int
    sequencer: str
    """S3's order of the versions of one key, padded so that it sorts as text."""
    object_version: str
    size: int
    """In bytes."""
    copied: bool
    expires_at: int
    """In epoch seconds."""
