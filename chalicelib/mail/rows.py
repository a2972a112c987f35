"""The rows of the table `mail`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

if TYPE_CHECKING:
    from chalicelib.mail.model import State


class MailRow(TypedDict):
    """A mail: its state, and neither its content nor its email address. Times are timestamps, or epoch seconds where
    they are numbers."""

    id: str
    schema: int
    template: str
    state: State
    created_at: str
    updated_at: str
    expires_at: int
    user_id: NotRequired[str]
    event_id: NotRequired[str]
    """Of the event that it is about."""
    claimed_at: NotRequired[int]
    sent_to: NotRequired[str]
    """The digest of the email address (`model.address_digest`)."""
    message_id: NotRequired[str]
    """SES's id of it."""


class SuppressionRow(TypedDict):
    """An email address that gets no mails, or none of some kinds: `address#` and its digest.

    For each kind of mail that it complained about it also has an attribute `complained_<kind>`, in epoch seconds.
    """

    id: str
    schema: int
    created_at: str
    reason: NotRequired[Literal["bounced", "complained"]]
    """`complained` was written by former versions, for all kinds."""


class NoticesRow(TypedDict):
    """The notices of one kind that an unproved email address got in a day: `notices#`, the template, the digest and
    the day."""

    id: str
    schema: int
    version: int
    mails: list[str]
    """The ids of these mails."""
    expires_at: int
    """Epoch seconds."""
