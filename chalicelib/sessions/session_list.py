"""The sessions in a copy of a person's own data."""

from __future__ import annotations

from typing import Any

from chalicelib.sessions.store import sessions

SECRETS = frozenset({"refresh_hash", "previous_hash", "changed_hour"})


def held_about(user_id: str) -> list[dict[str, Any]]:
    """Every open session of a person, as it is stored, without the hashes of its tokens."""
    return [
        {name: value for name, value in session.items() if name not in SECRETS}
        for session in sessions().all_of(user_id)
    ]
