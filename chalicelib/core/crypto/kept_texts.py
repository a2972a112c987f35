"""Texts that clients and browsers keep for us: an id, the person's id and further parts, with full stops between them.

The last part has a MAC of the others. So whoever parses one makes it again of its parts, and compares.
"""

from __future__ import annotations

LENGTH_LIMIT = 512
"""Characters: up to 128 for the person's id, which may have full stops itself, and the other parts."""


def parts_of(text: str | None, count: int) -> list[str] | None:
    """The parts of such a text, or None for what cannot be one."""
    if text is None or len(text) > LENGTH_LIMIT or not text.isascii():
        return None
    first, _, others = text.partition(".")
    parts = [first, *others.rsplit(".", count - 2)]
    return parts if len(parts) == count else None
