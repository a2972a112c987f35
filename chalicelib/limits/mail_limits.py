"""How many mails strangers may cause: to one mailbox, and of a stage in all.

Decided when an intent is answered, so whoever asks sees no difference. Each purpose has a share of its own: whatever
floods the registrations takes no reset and no code from anybody. And no cap keeps an owner out: where a mailbox has
got a few, a further mail waits only until the last one is no longer good, so that there is always one to use. That one
may be a code that is good for its asker alone, so a network that has had no mail today waits a minute and no longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core import clock, logs
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import ConditionFailed, absent, unchanged
from chalicelib.core.aws.dynamo.conditions import Attr
from chalicelib.core.aws.optimistic import optimistic
from chalicelib.core.errors import Unavailable
from chalicelib.core.ids import digest_of
from chalicelib.core.settings import settings
from chalicelib.limits.spread import row_of
from chalicelib.limits.tally import UsedUp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.core.aws.dynamo import Item, Table

AT_ONCE = 10
"""Mails of one purpose that a mailbox gets in a day as they are asked for."""

OF_ONE_NETWORK = 5
"""Of these, for one network: the others are for an owner who asks from elsewhere."""

NEWCOMER_SECONDS = 60
"""How long a network waits that has had no mail to this mailbox today, where others have used up what is sent at
once."""

OF_A_DAY = 30
"""Mails after which newcomers wait like everybody: who has so many networks is no owner on the way."""

PAUSE_SECONDS = 3600
"""The longest that a mailbox waits for the next one, where the last is good for longer."""

WINDOW_SECONDS = 3600
MAILS_OF_A_ROW = 100_000
"""How many mails of an hour one row counts: 28 a second, where the limit is higher."""

DAY_SECONDS = 86400

SHARES = {
    "register": "registration",
    "verify": "registration",
    "resend": "registration",
    "email": "address",
    "reset": "reset",
    "code": "code",
}
"""What each purpose of an intent counts as."""


class MailCaps:
    """Counters in `guards`: of each mailbox what was mailed last, by its digest; of a stage a number for each hour, in
    several rows where the limit is high (`spread`)."""

    def __init__(self, guards: Table) -> None:
        self._guards = guards
        self._used_up = UsedUp()

    def admit(self, intent: Mapping[str, Any]) -> bool:
        """Whether this intent is to be answered with a mail, which is counted once, however often it is asked.

        Costs one read, and two writes where it is admitted. Raises Unavailable where others keep counting.
        """
        share = SHARES[intent["purpose"]]
        key = {"id": f"mails#{share}#{digest_of(intent['email_key'])}"}
        is_within_stage = False

        def attempt(_: Item | None) -> bool:
            nonlocal is_within_stage
            row = self._guards.get(key)
            sent = [each for each in (row or {}).get("sent", ()) if each["at"] > clock.epoch() - DAY_SECONDS]
            if any(each["intent"] == intent["id"] for each in sent):
                return True
            if not _is_due(sent, intent):
                return _refused(share, "mailbox")
            is_within_stage = is_within_stage or self._take_of_stage(share, intent["id"])
            if not is_within_stage:
                return _refused(share, "stage")
            self._guards.put({**key, **_counted(sent, intent, row)}, unchanged(row))
            return True

        return optimistic(attempt, exhausted=Unavailable("the mails to this address are being counted by others"))

    def _take_of_stage(self, share: str, intent_id: str) -> bool:
        window = clock.epoch() // WINDOW_SECONDS
        row, limit = row_of(intent_id, settings().mails_per_hour, of_a_row=MAILS_OF_A_ROW)
        key, ends = f"mails#{share}#{window}{row}", (window + 1) * WINDOW_SECONDS
        if key in self._used_up:
            return False
        try:
            self._guards.update(
                {"id": key},
                add={"count": 1},
                set={"schema": records.SCHEMA, "expires_at": ends},
                condition=absent() | Attr("count").lt(limit),
            )
        except ConditionFailed:
            self._used_up.add(key, ends)
            return False
        return True


def _is_due(sent: Sequence[Item], intent: Mapping[str, Any]) -> bool:
    of_network = [each for each in sent if each["network"] == intent.get("network", "")]
    if len(sent) < AT_ONCE and len(of_network) < OF_ONE_NETWORK:
        return True
    last, now = sent[-1], clock.epoch()
    is_newcomer = not of_network and len(sent) < OF_A_DAY
    return last["good_until"] <= now or (is_newcomer and last["at"] + NEWCOMER_SECONDS <= now)


def _counted(sent: Sequence[Item], intent: Mapping[str, Any], row: Item | None) -> Item:
    now = clock.epoch()
    good_until = min(int(intent["expires_at"]), now + PAUSE_SECONDS)
    mail = {"intent": intent["id"], "network": intent.get("network", ""), "at": now, "good_until": good_until}
    return {
        "schema": records.SCHEMA,
        "sent": [*sent, mail][-OF_A_DAY:],
        "version": (row or {}).get("version", 0) + 1,
        "expires_at": now + DAY_SECONDS,
    }


def _refused(share: str, by: str) -> bool:
    logs.info("mail capped", share=share, by=by)
    logs.count("MailsCapped", share=share, by=by)
    return False


@clients.once
def mail_caps() -> MailCaps:
    """The stage's caps."""
    return MailCaps(clients.table("guards"))
