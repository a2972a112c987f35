"""The `mail` table: the state of every mail, and the addresses that must get none.

A row knows no content and no token, and an address by its digest alone. A suppressed address is a row of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, Key

from chalicelib.core import clock
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import (
    ConditionFailed,
    Item,
    ResultPage,
    Table,
    present,
    unchanged,
)
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
    from collections.abc import Iterator, Sequence

    from boto3.dynamodb.conditions import ConditionBase

    from chalicelib.mail.model import Mail, State

ERASED_AT_ONCE = 100


class Mails:
    """Every mail's state. A mail is sent only by who claimed it, so repetitions of its request are no-ops."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def claim(self, mail: Mail, digest: str) -> bool:
        """Whether to send this mail now, to the address with that digest: False where that was done before.

        Raises Unavailable while another sender's claim is fresh: it may have crashed, so the request must come again.
        """
        stale = Attr("claimed_at").lt(clock.epoch() - CLAIM_SECONDS)
        free = Attr("id").not_exists() | Attr("state").is_in(["queued", "parked"])
        try:
            claimable = free | (Attr("state").eq("sending") & stale)
            self._note(mail, "sending", claimable, claimed_at=clock.epoch(), sent_to=digest)
        except ConditionFailed as met:
            if (met.item or {}).get("state") == "sending":
                raise Unavailable("this mail is being sent") from met
            return False
        return True

    def record(self, mail: Mail, state: State) -> None:
        """Note that a mail is queued, or what became of one that is never claimed; what else is known of it stands."""
        try:
            self._note(mail, state, Attr("id").not_exists() | Attr("state").eq("queued"))
        except ConditionFailed:
            return

    def disown(self, mail_id: str) -> None:
        """Note that a mail was queued for somebody who is erased: nobody gets it, and its row names nobody."""
        gone = {"state": "expired", "updated_at": clock.timestamp()}
        try:
            self._table.update({"id": mail_id}, set=gone, remove=["user_id"], condition=present())
        except ConditionFailed:
            return

    def mark(self, mail_id: str, state: State, before: Sequence[State], **fields: Any) -> bool:
        """Move a mail to `state` if it is in one of those `before`: False where it is not, or is not known."""
        try:
            self._table.update(
                {"id": mail_id},
                set={"state": state, "updated_at": clock.timestamp(), **fields},
                condition=present() & Attr("state").is_in(list(before)),
            )
        except ConditionFailed:
            return False
        return True

    def find(self, mail_id: str) -> Item | None:
        """What is kept of a mail, or None."""
        return self._table.get({"id": mail_id})

    def is_suppressed(self, digest: str, template: str) -> bool:
        """Whether this address (see `model.address_digest`) gets no such mail: it bounced, or complained about its
        kind."""
        row = self._table.get({"id": _address_id(digest)}, consistent=False)
        if row is None:
            return False
        if row.get("reason") == "complained":  # a complaint from before they were told apart
            return template not in NEEDED
        kind = complained_about(template)
        complained_at = row.get(_complaint(kind)) if kind else None
        is_fresh = kind not in FOR_A_TIME or int(complained_at or 0) > clock.epoch() - COMPLAINT_DAYS * 86400
        return row.get("reason") == "bounced" or (complained_at is not None and is_fresh)

    def admit_notice(self, mail: Mail, digest: str) -> bool:
        """Whether this address, which nobody has proved to be the person's, gets one more such notice today: each is
        counted once, by a read and a write. Raises Unavailable where others count at the same time."""
        key = {"id": f"notices#{mail.template}#{digest}#{clock.timestamp()[:10]}"}
        row = self._table.get(key)
        counted = list((row or {}).get("mails", ()))
        if mail.id in counted:
            return True
        if len(counted) >= UNPROVED_A_DAY:
            return False
        following = {
            "schema": records.SCHEMA,
            "mails": [*counted, mail.id],
            "version": len(counted) + 1,
            "expires_at": clock.epoch() + 2 * 86400,
        }
        try:
            self._table.update(key, set=following, condition=unchanged(row))
        except ConditionFailed as met:
            raise Unavailable("the notices to this address are being counted by others") from met
        return True

    def note_bounce(self, digest: str) -> None:
        """Send this address nothing more, until that is lifted."""
        self._suppress(digest, reason="bounced")

    def note_complaint(self, digest: str, template: str) -> None:
        """Send this address no mails of that one's kind: some of them for a time, others until that is
        lifted. Mails that an owner needs are never silenced."""
        kind = complained_about(template)
        if kind:
            self._suppress(digest, **{_complaint(kind): clock.epoch()})

    def lift_suppression(self, digest: str) -> None:
        """Send this address everything again."""
        self._table.delete({"id": _address_id(digest)})

    def _suppress(self, digest: str, **why: Any) -> None:
        first = {"schema": records.SCHEMA, "created_at": clock.timestamp()}
        self._table.update({"id": _address_id(digest)}, set=why, first=first)

    def listing(self, user_id: str, *, limit: int, start: Item | None = None) -> ResultPage:
        """Mails to a person, newest first."""
        return self._table.query(
            Key("user_id").eq(user_id), index="user-index", limit=limit, start=start, newest_first=True
        )

    def all_to(self, user_id: str) -> Iterator[Item]:
        """Every mail to a person, newest first."""
        return self._table.query_all(Key("user_id").eq(user_id), index="user-index", newest_first=True)

    def erase(self, user_id: str) -> Erased:
        """Delete up to 100 mails of a person. Suppressed addresses name nobody, and stay."""
        page = self._table.query(Key("user_id").eq(user_id), index="user-index", limit=ERASED_AT_ONCE)
        for row in page.items:
            self._table.delete({"id": row["id"]})
        return Erased(len(page.items), page.next is None)

    def _note(self, mail: Mail, state: State, condition: ConditionBase, **fields: Any) -> None:
        self._table.update(
            {"id": mail.id},
            set={
                "schema": records.SCHEMA,
                **({"user_id": mail.user_id} if mail.user_id else {}),
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
