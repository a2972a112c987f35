"""The rows of the tables `users` and `credentials` that accounts keeps.

A row is as DynamoDB returns it: a field without a value is absent, and no value is None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict, cast

from chalicelib.profile.fields import PersonFields

if TYPE_CHECKING:
    from chalicelib.core.http.requests import Caller

Source = Literal["registration", "import", "admin", "invitation", "connection"]


class Consent(TypedDict):
    """What a person allowed an application."""

    scopes: list[str]
    resources: NotRequired[list[str]]
    """The audiences (RFC 8707) for which they did."""
    since: str
    """When they first did. What the application had before counts no more."""
    at: str
    """When they last did."""


class Person(PersonFields, total=False):
    """A person, or the tombstone of one who was removed. Times are timestamps. The fields of `profile.fields`, among
    them `version`, come from `PersonFields`; `core.aws.records` sets those that every streamed row has."""

    schema: int
    changed_by: str
    request_id: str
    traceparent: str
    changed_hour: str
    deleted_at: str
    """When the person was removed. Only a tombstone has it, with its keys, its stamps and `erasure`, and nothing
    else."""
    expires_at: int
    erasure: str
    """Of a tombstone: the id of the job that erases the rest."""

    email_key: str
    """The key of the address lock: `profile.email_key` of the email address."""
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
    """Whether the profile may be written by somebody other than the owner of the mailbox."""
    legacy_hash: str
    """The kind of the password's hash, as long as it is a hash from another system; ELSEWHERE as long as the password
    itself is there alone."""

    sessions_since: int
    """The version of the person from which on their sessions count. The session `session_kept` counts too."""
    session_kept: str
    invited_at: str
    invitations: int
    """How many times the person was invited."""
    email_changed_at: str
    former_email: str
    """A fingerprint of the email address before."""
    birthday_on: str
    """The day (`YYYY-MM-DD`) of the latest birthday that was celebrated."""
    password_changed_at: str
    password_reset_requested_at: str
    factors: list[str]
    """The kinds of second factors that the person has (`factors.model`)."""
    factors_change: str
    factors_changed_at: str
    factors_since: int
    proofs_since: int
    blocked_at: str
    second_factor_failed_at: str
    consents: dict[str, Consent]
    """By the id of the OAuth client. `oauth.consents` alone changes it."""


def person_of(caller: Caller) -> Person:
    """The row of the person who calls. An OAuth client is no person, so its row is empty."""
    return cast("Person", caller.user)


class Password(TypedDict, total=False):
    """`password#<user id>` of `credentials`."""

    id: str
    schema: int
    hash: str
    version: int
    changed_at: str
    short: bool
    """Whether the password is so short that it counts only with a second factor."""


class EmailLock(TypedDict):
    """`email#<email key>` of `credentials`: the id of the person who has that email address."""

    id: str
    schema: int
    user_id: str
