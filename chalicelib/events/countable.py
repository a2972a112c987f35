"""What of a person, and of how they signed in, can be counted without knowing who they are. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.core.aws.dynamo import Item

AGE_BANDS = (*(f"{first}-{first + 9}" for first in range(0, 100, 10)), "100+")
"""Ages by ten years: a band says little of one person, and stays the same for years."""

STATUSES = ("disabled",)
"""The statuses that are counted: everybody else is active."""

SIGN_IN_METHODS = ("password", "mailed_code", "passkey", "connection")
"""The first factors by which a session begins."""


def moved(old: Item | None, new: Item) -> dict[str, Any]:
    """The data of an event that say what a person was before a change and is after it, each only where it changed: the
    kind of their password's hash of another system, their band of ages, their status where that is counted. The images
    of someone who is not there are None or a tombstone."""
    before, after = _state(old), _state(new)
    return {name: {"before": before[name], "after": after[name]} for name in before if before[name] != after[name]}


def _state(image: Item | None) -> dict[str, str | None]:
    person: Mapping[str, Any] = {} if image is None or "deleted_at" in image else image
    status = person.get("status")
    return {
        "legacy_hash": person.get("legacy_hash"),
        "age_band": age_band(person.get("age")),
        "status": status if status in STATUSES else None,
    }


def age_band(age: object) -> str | None:
    """The band of AGE_BANDS of an age in years, or None for none."""
    return None if age is None else AGE_BANDS[max(0, min(int(str(age)) // 10, 10))]


def way_in(session: Mapping[str, Any]) -> dict[str, Any]:
    """The data of an event that say how a session began: by which first factor, and whether by a second one too. The
    methods are those of RFC 8176; sessions of former versions have none."""
    methods = session.get("amr", ())
    if session.get("connection"):
        method = "connection"
    elif "pwd" in methods:
        method = "password"
    elif "otp" in methods:
        method = "mailed_code"
    else:
        method = "passkey" if "pop" in methods else ""
    second_factor = {"second_factor": True} if session.get("second_factor") else {}
    return {**({"method": method} if method else {}), **second_factor}
