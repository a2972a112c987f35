"""The `mail` table: the state of every mail, and the suppressed email addresses.

A row has no content and no token, and of an email address its digest only. A suppressed one has a row of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from chalicelib.core import clock
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import (
    ConditionFailed,
    ResultPage,
    Table,
    present,
    unchanged,
)
from chalicelib.core.aws.dynamo import (
    Key as ItemKey,
)
from chalicelib.core.aws.dynamo.conditions import Attr, Key
from chalicelib.core.erasure import Erased
from chalicelib.core.errors import Unavailable
from chalicelib.mail.model import (
    CLAIM_SECONDS,
    COMPLAINT_DAYS,
    FOR_A_TIME,
    KEPT_DAYS,
    NEEDED,
    UNPROVED_A_DAY,
    complained_about,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chalicelib.core.aws.dynamo.conditions import Condition
    from chalicelib.mail.model import Mail, State
    from chalicelib.mail.rows import MailRow, NoticesRow, SuppressionRow

ERASED_AT_ONCE = 100

SEARCHED = 100
"""Mails of a person among which those about an event are looked for: they are asked for within minutes of it."""


class Mails:
    """The state of every mail. Only the sender that claimed a mail sends it, so repeated requests do nothing."""

    def __init__(self, table: Table[Any]) -> None:
        self._table: Table[MailRow] = table
        self._suppressions: Table[SuppressionRow] = table
        self._notices: Table[NoticesRow] = table

    def claim(self, mail: Mail, digest: str) -> bool:
        """Claim a mail, to send it now to the email address with that digest. Returns False where it was sent before.

        Raises Unavailable while another sender's claim is fresh: it may have crashed, so the request must come again.
        """
        stale = Attr("claimed_at").lt(clock.epoch() - CLAIM_SECONDS)
        free = Attr("id").not_exists() | Attr("state").is_in(["queued", "parked"])
        try:
            claimable = free | (Attr("state").eq("sending") & stale)
            self._write(mail, "sending", claimable, claimed_at=clock.epoch(), sent_to=digest)
        except ConditionFailed as conflict:
            if (conflict.item or {}).get("state") == "sending":
                raise Unavailable("this mail is being sent") from conflict
            return False
        return True

    def record(self, mail: Mail, state: State) -> None:
        """Write that a mail is queued, or the outcome of one that is not claimed. A mail in another state stays as it
        is."""
        try:
            self._write(mail, state, Attr("id").not_exists() | Attr("state").eq("queued"))
        except ConditionFailed:
            return

    def expire_of_erased(self, mail_id: str) -> None:
        """Expire a mail that was queued for an erased person: it is not sent, and its row loses the user id."""
        expired = {"state": "expired", "updated_at": clock.timestamp()}
        try:
            self._table.update({"id": mail_id}, set=expired, remove=["user_id"], condition=present())
        except ConditionFailed:
            return

    def mark(self, mail_id: str, state: State, before: Sequence[State], **fields: Any) -> bool:
        """Move a mail to `state` if it is in one of the states `before`. Returns False where it is not, or has no
        row."""
        try:
            self._table.update(
                {"id": mail_id},
                set={"state": state, "updated_at": clock.timestamp(), **fields},
                condition=present() & Attr("state").is_in(list(before)),
            )
        except ConditionFailed:
            return False
        return True

    def find(self, mail_id: str) -> MailRow | None:
        """What is kept of a mail, or None."""
        return self._table.get({"id": mail_id})

    def is_suppressed(self, digest: str, template: str) -> bool:
        """Whether the email address with this digest (`model.address_digest`) gets no such mail, because it bounced, or
        complained about its kind."""
        row = self._suppressions.get({"id": _address_id(digest)}, consistent=False)
        if row is None:
            return False
        if row.get("reason") == "complained":  # a complaint of former versions, which had no kinds
            return template not in NEEDED
        kind = complained_about(template)
        complained_at = cast("Mapping[str, int | None]", row).get(_complaint(kind)) if kind else None
        is_fresh = kind not in FOR_A_TIME or int(complained_at or 0) > clock.epoch() - COMPLAINT_DAYS * 86400
        return row.get("reason") == "bounced" or (complained_at is not None and is_fresh)

    def admit_notice(self, mail: Mail, digest: str) -> bool:
        """Whether this email address, which the person has not proved to be theirs, gets one more such notice today.
        Each is counted once, by a read and a write. Raises Unavailable where others count at the same time."""
        key = {"id": f"notices#{mail.template}#{digest}#{clock.timestamp()[:10]}"}
        row = self._notices.get(key)
        counted = row["mails"] if row else []
        if mail.id in counted:
            return True
        if len(counted) >= UNPROVED_A_DAY:
            return False
        changes = {
            "schema": records.SCHEMA,
            "mails": [*counted, mail.id],
            "version": len(counted) + 1,
            "expires_at": clock.epoch() + 2 * 86400,
        }
        try:
            self._notices.update(key, set=changes, condition=unchanged(row))
        except ConditionFailed as conflict:
            raise Unavailable("the notices to this address are being counted by others") from conflict
        return True

    def note_bounce(self, digest: str) -> None:
        """Suppress all mails to this email address, until an administrator lifts that."""
        self._suppress(digest, reason="bounced")

    def note_complaint(self, digest: str, template: str) -> None:
        """Suppress mails of this template's kind to this email address: some kinds for a time, others until an
        administrator lifts that. Mails that an owner needs are never suppressed."""
        kind = complained_about(template)
        if kind:
            self._suppress(digest, **{_complaint(kind): clock.epoch()})

    def lift_suppression(self, digest: str) -> None:
        """Send all mails to this email address again."""
        self._suppressions.delete({"id": _address_id(digest)})

    def _suppress(self, digest: str, **changes: Any) -> None:
        first = {"schema": records.SCHEMA, "created_at": clock.timestamp()}
        self._suppressions.update({"id": _address_id(digest)}, set=changes, first=first)

    def listing(self, user_id: str, *, limit: int, start: ItemKey | None = None) -> ResultPage[MailRow]:
        """Mails to a person, newest first."""
        return self._table.query(
            Key("user_id").eq(user_id), index="user-index", limit=limit, start=start, newest_first=True
        )

    def of_event(self, user_id: str, event_id: str, since: str) -> list[MailRow]:
        """The mails to a person that are about an event, among the first 100 since a timestamp."""
        recent = Key("user_id").eq(user_id) & Key("created_at").gte(since)
        result_page = self._table.query(recent, index="user-index", limit=SEARCHED)
        return [row for row in result_page.items if row.get("event_id") == event_id]

    def all_to(self, user_id: str) -> Iterator[MailRow]:
        """Every mail to a person, newest first."""
        return self._table.query_all(Key("user_id").eq(user_id), index="user-index", newest_first=True)

    def erase(self, user_id: str) -> Erased:
        """Delete up to 100 mails of a person. Suppressed email addresses stay: their rows name no person."""
        result_page = self._table.query(Key("user_id").eq(user_id), index="user-index", limit=ERASED_AT_ONCE)
        for row in result_page.items:
            self._table.delete({"id": row["id"]})
        return Erased(len(result_page.items), result_page.next is None)

    def _write(self, mail: Mail, state: State, condition: Condition, **fields: Any) -> None:
        self._table.update(
            {"id": mail.id},
            set={
                "schema": records.SCHEMA,
                **({"user_id": mail.user_id} if mail.user_id else {}),
                **({"event_id": mail.event_id} if mail.event_id else {}),
                "template": mail.template,
                "state": state,
                "updated_at": clock.timestamp(),
                "expires_at": clock.epoch() + KEPT_DAYS * 86400,
                **fields,
            },
            first={"created_at": clock.timestamp()},
            condition=condition,
        )


def _complaint(kind: str) -> str:
    return f"complained_{kind}"


def _address_id(digest: str) -> str:
    return f"address#{digest}"


@clients.once
def mails() -> Mails:
    """The stage's mails."""
    return Mails(clients.table("mail"))
