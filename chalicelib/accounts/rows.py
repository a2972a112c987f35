"""The rows of the tables `users` and `credentials` that accounts keeps.

A row is as DynamoDB gives it: what is absent is not there, and what is there is never None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict, cast

from chalicelib.profile.fields import PersonFields

if TYPE_CHECKING:
    from chalicelib.core.http.requests import Caller

Source = Literal["registration", "import", "admin", "invitation"]


class Person(PersonFields, total=False):
    """A person, and what is left of one who was removed. Times are timestamps; `version` and times of the fields of
    `profile.fields` are among what every streamed row has (`core.aws.records`)."""

    schema: int
    changed_by: str
    request_id: str
    traceparent: str
    changed_hour: str
    deleted_at: str
    """Of a tombstone, which has no more than its keys, its stamps and `erasure`."""
    expires_at: int
    erasure: str
    """Of a tombstone: the id of the job that erases the rest."""

    email_key: str
    """Under what the address is locked: `profile.email_key`."""
    name_key: str
    name_prefix: str
    birthday: str
    """`MM-DD`."""
    created_shard: str
    roles_shard: str

    source: Source
    import_job: str
    import_row: str
    """The row that made or last changed the person: its number, `#`, the run of the job."""
    awaited: bool
    had_roles: bool
    unproved_profile: bool
    """Whether nobody knows if who has the mailbox wrote the profile."""
    legacy_hash: str
    """The kind of another system's hash that the password has still."""

    sessions_since: int
    """The version of the person from which on their sessions count, but for `session_kept`."""
    session_kept: str
    invited_at: str
    invitations: int
    """How many mails invited the person."""
    email_changed_at: str
    former_email: str
    """A fingerprint of the address before."""
    birthday_on: str
    """The day (`YYYY-MM-DD`) of the latest birthday that was celebrated."""
    password_changed_at: str
    password_reset_requested_at: str
    factors: list[str]
    """Which second factors there are (`factors.model`)."""
    factors_change: str
    factors_changed_at: str
    factors_since: int
    proofs_since: int
    blocked_at: str
    second_factor_failed_at: str


def person_of(caller: Caller) -> Person:
    """Who calls, as their row. A machine is nobody: its row is empty."""
    return cast("Person", caller.user)


class Password(TypedDict, total=False):
    """`password#<user id>` of `credentials`."""

    id: str
    schema: int
    hash: str
    version: int
    changed_at: str
    short: bool
    """Whether it is good only beside a second factor."""


class EmailLock(TypedDict):
    """`email#<email key>` of `credentials`: whose address that is."""

    id: str
    schema: int
    user_id: str
