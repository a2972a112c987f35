"""The grants of one person: in a copy of their own data, and when they are erased."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from chalicelib.core.aws import records
from chalicelib.core.erasure import Erased
from chalicelib.oauth import back_channel
from chalicelib.oauth.grants.store import grants

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chalicelib.oauth.back_channel import ClientSession

ERASED_AT_ONCE = 100

SECRETS = frozenset({"refresh_hash", "previous_hash"})


def erase(user_id: str, tell: Callable[[Sequence[ClientSession]], None]) -> Erased:
    """End up to 100 grants of a person who was removed, after `tell` was given whose they are: that cannot be found out
    later."""
    remaining = list(islice(grants().of_person(user_id), ERASED_AT_ONCE))
    tell(back_channel.of_grants(remaining))
    ended = grants().end_all(remaining)
    return Erased(ended, ended < ERASED_AT_ONCE)


def held_about(user_id: str) -> list[dict[str, Any]]:
    """Every grant of a person, as it is stored, without the hashes of its tokens."""
    return [
        {name: value for name, value in grant.items() if name not in SECRETS}
        for grant in grants().of_person(user_id)
        if records.is_live(grant)
    ]
