"""Readable builders of persons for tests: say what matters, the rest is made up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import accounts, passwords
from chalicelib.core.aws import clients

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person

PASSWORD = "violet otter sings at noon"

EVENT = {
    "specversion": "1.0",
    "id": "users:U1:1:0",
    "source": "https://rollcall.example",
    "type": "user.updated",
    "subject": "U1",
    "time": "2026-03-01T12:00:00.000Z",
    "sequence": "000000000001",
    "data": {},
}
"""An event as it is published, that says no more than it must."""

_HASHES: dict[str, str] = {}


def a_person(**fields: Any) -> Person:
    """The item of a person, stored nowhere."""
    return accounts.new_person(**{"source": "registration", "email_verified": True, **fields})


def a_user(*, password: str | None = None, **fields: Any) -> Person:
    """A person who is in the tables, with a password where one is given (`PASSWORD` is a good one)."""
    if password is not None and password not in _HASHES:
        _HASHES[password] = passwords.hashed(password)
    person = a_person(**fields)
    clients.database().transact(accounts.people().creating(person, _HASHES.get(password or "")))
    return person


def an_admin(**fields: Any) -> Person:
    """A person who is an administrator, and is in the tables."""
    return a_user(roles=["admin"], **fields)
