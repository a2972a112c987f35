"""What is held about where somebody is signed in."""

from __future__ import annotations

from typing import Any

from chalicelib.sessions.store import sessions

SECRETS = frozenset({"refresh_hash", "previous_hash", "changed_hour"})


def held_about(user_id: str) -> list[dict[str, Any]]:
    """Every session of a person that goes on, as it is kept, without what its tokens are checked by."""
    return [
        {name: value for name, value in session.items() if name not in SECRETS}
        for session in sessions().all_of(user_id)
    ]
