"""What became of mails and of deliveries is counted once, whatever comes twice or breaks in between."""

from __future__ import annotations

import json

import pytest

from chalicelib.core import clock
from chalicelib.core.errors import Transient
from chalicelib.insights.counting import count_events
from chalicelib.insights.routes import insights as routes
from chalicelib.mail.model import CLAIM_SECONDS, address_digest
from chalicelib.mail.store import mails
from chalicelib.mail_delivery.delivery import deliver_mail
from chalicelib.mail_delivery.feedback import take_feedback
from chalicelib.webhooks import endpoints
from chalicelib.webhooks.delivery import attempt_deliveries
from tests.functional.apps import ApiClient
from tests.functional.delivering import attempt, happened, publish, webhook
from tests.functional.faults import Crash, crashing, failing
from tests.functional.streams import queue_event
from tests.functional.test_mail_delivery import PLAIN, put_person, queue
from tests.functional.test_mail_feedback import REPORTS, sns


def outcomes(cloud, member):
    """Count what is on the queue of statistics: the outcomes of today that are not zero."""
    records = cloud.take("insights")
    if records:
        count_events({"Records": records})
    api = ApiClient(routes)
    api.sign_in("A1", "support")
    return {
        name: number for name, number in api.call("GET", "/insights").body["days"][-1][member].items() if number
    }


def deliver(records):
    deliver_mail({"Records": records})


@pytest.mark.slow
def test_a_mail_is_counted_when_ses_took_it_and_by_what_became_of_it(aws, held_clock):
    queue(PLAIN)
    deliver(aws.take("mail"))
    assert outcomes(aws, "mails") == {"sent": 1}
    (row,) = aws.rows("mail")
    for kind in ("Delivery", "Complaint", "Delivery"):
        about = {"eventType": kind, **REPORTS[kind], "mail": {"tags": {"mail": [row["id"]]}}}
        take_feedback(sns("mail-feedback", about))
    assert outcomes(aws, "mails") == {"sent": 1, "delivered": 1, "complained": 1}


@pytest.mark.parametrize("lost", ["before it was marked", "before it was said", "after it was said"])
def test_a_crash_around_sending_counts_the_mail_once(aws, held_clock, lost):
    operation = {"before it was marked": ("dynamodb", "UpdateItem"), "before it was said": ("sqs", "SendMessage")}
    queue(PLAIN)
    records = aws.take("mail")
    service, name = operation.get(lost, ("sqs", "SendMessage"))
    skipped = 1 if service == "dynamodb" else 0
    with crashing(service, name, after=lost == "after it was said", skip=skipped), pytest.raises(Crash):
        deliver(records)
    clock.tick(seconds=CLAIM_SECONDS + 1)
    deliver(records)
    deliver(records)
    assert outcomes(aws, "mails") == {"sent": 1}


def test_where_the_queue_takes_nothing_the_mail_is_sent_once_and_said_later(aws, held_clock):
    queue(PLAIN)
    records = aws.take("mail")
    with failing("sqs", "SendMessage", "ServiceUnavailable"), pytest.raises(Transient):
        deliver(records)
    assert [row["state"] for row in aws.rows("mail")] == ["sent"]
    deliver(records)
    assert outcomes(aws, "mails") == {"sent": 1}


@pytest.mark.slow
def test_what_is_not_sent_is_counted_by_its_reason(aws, held_clock):
    put_person(aws)
    queue({**PLAIN, "to": "no address"})
    queue(PLAIN)
    with failing("sesv2", "SendEmail", "MessageRejected"):
        deliver(aws.take("mail"))
    assert outcomes(aws, "mails") == {"parked": 2}
    mails().note_bounce(address_digest(PLAIN["to"]))
    queue({**PLAIN, "subject": "Another"})
    deliver(aws.take("mail"))
    assert outcomes(aws, "mails") == {"parked": 2, "suppressed": 1}


def test_each_attempt_of_a_delivery_is_counted_once(stage, receiver, held_clock):
    webhook(receiver)
    publish(stage, happened())
    receiver.answers = [503]
    again = attempt(stage)
    attempt(stage, again)
    assert outcomes(stage, "webhooks") == {"failed": 1, "delivered": 1}


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_around_saying_it_counts_an_attempt_once(stage, receiver, held_clock, after):
    webhook(receiver)
    publish(stage, happened())
    records = stage.take("deliveries")
    with crashing("sqs", "SendMessage", after=after), pytest.raises(Crash):
        attempt_deliveries({"Records": records})
    attempt_deliveries({"Records": records})
    attempt_deliveries({"Records": records})
    assert len(receiver.received) == 1
    assert outcomes(stage, "webhooks") == {"delivered": 1}


def test_a_delivery_that_is_given_up_says_so(stage, receiver, held_clock):
    webhook_id, _ = webhook(receiver)
    publish(stage, happened())
    endpoints.change(webhook_id, {"enabled": False}, None)
    attempt(stage)
    assert outcomes(stage, "webhooks") == {"given_up": 1}


def test_an_outcome_names_no_address_and_no_data(aws, stage, receiver, held_clock):
    queue(PLAIN)
    deliver(aws.take("mail"))
    webhook(receiver)
    publish(stage, happened())
    attempt(stage)
    bodies = [json.loads(record["body"]) for record in stage.take("insights")]
    assert [body["type"] for body in bodies] == ["mail.sent", "webhook.delivered"]
    assert not any(word in json.dumps(bodies) for word in (PLAIN["to"], "Ann", receiver.url))


def test_a_number_that_nobody_can_store_is_cut(aws, held_clock):
    report = {
        **happened(),
        "id": "mail:M1:sent",
        "type": "mail.sent",
        "data": {"milliseconds": 10**60},
    }
    count_events(
        queue_event("insights", [report, {**report, "id": "mail:M2:sent", "data": {"milliseconds": "x"}}])
    )
    assert outcomes(aws, "mails") == {"sent": 2}
