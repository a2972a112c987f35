"""What keeps SES from taking any mail is waited for, as long as it lasts, and makes no dead letter."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.errors import Transient
from chalicelib.core.retention import QUEUE_DAYS
from chalicelib.mail_delivery.delivery import deliver_mail
from tests.functional.faults import Crash, crashing, listening
from tests.functional.test_mail_delivery import ANN, PLAIN, deliver, event, put_person, queue, states
from tests.replies import refused

if TYPE_CHECKING:
    from collections.abc import Iterator

STOPPED = [
    ("TooManyRequestsException", "Daily message quota exceeded."),
    ("ThrottlingException", "Daily message quota exceeded."),
    ("LimitExceededException", "Sending quota exceeded for today"),
    ("SendingPausedException", "Email sending is paused for this account"),
    ("AccountSuspendedException", "The account is suspended"),
    ("MailFromDomainNotVerifiedException", "The MAIL FROM domain is not verified"),
    ("MessageRejected", "Email address is not verified. The following identities failed the check in region X"),
]


@contextmanager
def refusing(code: str, message: str) -> Iterator[list[str]]:
    """SES takes nothing; the recipients that it was asked for."""
    asked: list[str] = []

    def answer(params: dict, **_: object) -> tuple:
        asked.append(params["url"])
        status, body = refused(code)
        body["Error"]["Message"] = message
        return status, body

    with listening(clients.client("sesv2"), "before-call.sesv2.SendEmail", answer):
        yield asked


@pytest.fixture(autouse=True)
def delays(aws, held_clock):
    """The seconds for which messages were put off, in order: the clock has moved on by each, and they are there."""
    seen: list[int] = []

    def skip(params: dict, **_: object) -> dict | None:
        if not params.get("DelaySeconds"):
            return None
        seen.append(params["DelaySeconds"])
        held_clock.tick(seconds=params["DelaySeconds"])
        return {**params, "DelaySeconds": 0}

    with listening(clients.client("sqs"), "provide-client-params.sqs.SendMessage", skip):
        yield seen


@pytest.mark.slow
@pytest.mark.parametrize(("code", "message"), STOPPED)
def test_what_stops_all_mail_is_waited_for_a_day_and_makes_no_dead_letter(aws, delays, code, message):
    queue(PLAIN)
    with refusing(code, message) as asked:
        for _ in range(86400 // 900):
            assert deliver(aws) == []
    assert delays == [900] * 96
    assert len(asked) == 96
    assert states(aws) == ["queued"]
    assert aws.take("mail-dlq") == []
    assert len(deliver(aws)) == 1
    assert states(aws) == ["sent"]


@pytest.mark.slow
def test_too_many_in_a_second_are_spread_over_the_next_minute(aws, delays):
    for number in range(20):
        queue({**PLAIN, "id": str(number)})
    with refusing("TooManyRequestsException", "Maximum sending rate exceeded."):
        deliver(aws)
    assert len(delays) == 20
    assert all(60 <= seconds < 120 for seconds in delays)
    assert len(set(delays)) > 10
    assert len(deliver(aws)) == 20


def test_a_mail_that_waits_keeps_none_of_its_neighbours(aws, delays):
    queue(PLAIN)
    with refusing("SendingPausedException", "paused"):
        deliver(aws)
    queue({**PLAIN, "id": "after"})
    assert len(deliver(aws)) == 2


def test_one_that_was_sent_anew_and_not_deleted_is_still_sent_once(aws):
    """Its identity is that of the first message, whichever copy comes."""
    queue(PLAIN)
    records = aws.take("mail")
    with refusing("SendingPausedException", "paused"):
        with crashing("sqs", "SendMessage", after=True), pytest.raises(Crash):
            deliver_mail({"Records": records})
        deliver_mail({"Records": records})
    with telemetry.recording() as calls:
        deliver_mail({"Records": records + aws.take("mail")})
    assert len(calls.of("SendEmail")) == 1
    assert states(aws) == ["sent"]


def test_an_event_waits_as_it_came(aws):
    put_person(aws)
    queue(event("user.password_changed"))
    with refusing("SendingPausedException", "paused"):
        deliver(aws)
    (sent,) = deliver(aws)
    assert sent["Destination"] == {"ToAddresses": [ANN]}


def test_no_wait_is_longer_than_a_queue_keeps_a_message(aws, held_clock):
    queue(PLAIN)
    records = aws.take("mail")
    records[0]["attributes"]["SentTimestamp"] = str(clock.epoch() * 1000)
    with refusing("AccountSuspendedException", "suspended"):
        deliver(aws, records)
        held_clock.tick(days=QUEUE_DAYS)
        records = aws.take("mail")
        with pytest.raises(Transient, match="1 records of mail must come again"):
            deliver_mail({"Records": records})
    assert aws.bodies("mail") == []


def test_what_is_wrong_with_one_mail_is_parked_at_once(aws, delays):
    queue(PLAIN)
    with refusing("MessageRejected", "The message was rejected because of its content"):
        deliver(aws)
    assert (states(aws), delays) == (["parked"], [])
    assert len(aws.take("mail-dlq")) == 1
