"""The grants of one person: in a copy of their own data, and when they are erased."""

from __future__ import annotations

from itertools import islice
from typing import Any

from chalicelib.core.aws import records
from chalicelib.core.erasure import Erased
from chalicelib.oauth.grants.store import grants

ERASED_AT_ONCE = 100

SECRETS = frozenset({"refresh_hash", "previous_hash"})


def erase(user_id: str) -> Erased:
    """End up to 100 grants of a person who was removed."""
    ended = grants().end_all(islice(grants().of_person(user_id), ERASED_AT_ONCE))
    return Erased(ended, ended < ERASED_AT_ONCE)


def held_about(user_id: str) -> list[dict[str, Any]]:
    """Every grant of a person, as it is stored, without the hashes of its tokens."""
    return [
        {name: value for name, value in grant.items() if name not in SECRETS}
        for grant in grants().of_person(user_id)
        if records.is_live(grant)
    ]
