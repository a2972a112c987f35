"""What became of a mail: it is written into its row, and then said for the statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core import clock
from chalicelib.event_bus import outcomes
from chalicelib.mail.store import mails

if TYPE_CHECKING:
    from chalicelib.mail.model import Mail, State

AFTER_SENDING: frozenset[State] = frozenset({"sent", "delivered", "bounced", "complained", "rejected"})
"""The states of a mail that SES took."""


def record(mail: Mail, state: State, sent_at: int = 0) -> None:
    """Record the outcome of a mail that is not claimed. `sent_at` is when the message came onto the queue that asks for
    it, in milliseconds since 1970."""
    mails().record(mail, state)
    report(mail.id, state, sent_at)


def report(mail_id: str, state: State, sent_at: int = 0) -> None:
    """Have the outcome of a mail counted, once for each of its states."""
    outcomes.report(
        outcomes.MAIL, state, f"{mail_id}:{state}", clock.timestamp(), outcomes.milliseconds_since(sent_at)
    )


def report_sent_before(mail_id: str, sent_at: int = 0) -> None:
    """Say again that a mail was sent, where it was: whoever sent it may have crashed before that."""
    row = mails().find(mail_id)
    if row is not None and row["state"] in AFTER_SENDING:
        report(mail_id, "sent", sent_at)
