"""From a message on the queue `mail` to what SES is given: once for each, whatever is repeated or breaks."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ReadTimeoutError

from chalicelib import accounts, mail
from chalicelib.core import clock, context
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.crypto import links, message_macs
from chalicelib.core.errors import Invalid, Malformed, Transient
from chalicelib.core.settings import settings
from chalicelib.mail.model import CLAIM_SECONDS, MAILED_EVENTS, MARKS, address_digest
from chalicelib.mail_delivery.delivery import deliver_mail
from chalicelib.mail_delivery.direct import send_email
from tests.conftest import NOW
from tests.functional.faults import Crash, crashing, failing, listening
from tests.replies import refused

ANN = "ann@example.com"
PLAIN = {"to": ANN, "subject": "Hello", "body": "Text"}


def event(event_type: str, **changes: object) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "id": "users:U1:3:0",
        "type": event_type,
        "subject": "U1",
        "time": "2026-03-01T11:59:00.000Z",
        "data": {"user": {"id": "U1"}},
        **changes,
    }


OLD = "old@example.com"

MARKED = dict.fromkeys(MARKS.values(), "2026-03-01T11:59:00.000Z") | {"former_email": accounts.fingerprint(OLD)}
"""What the record of somebody says to whom everything happened of which there is a mail."""


def put_person(aws, **fields: object) -> None:
    known = {"email": ANN, "email_key": ANN, "name": "Ann & Co", "status": "active"}
    aws.put("users", {"id": "U1", "version": 3, **known, **MARKED, **fields})


def put_intent(aws, purpose: str, **fields: object) -> None:
    """What a stranger asked for with Ann's address, and is bound to her where it is about somebody."""
    about = {"email": ANN, "email_key": ANN, "expires_at": clock.epoch() + 86400}
    bound = {} if purpose in {"register", "verify"} else {"user_id": "U1"}
    aws.put("intents", {"id": "I1", "purpose": purpose, **about, **bound, **fields})


def queue(document: object) -> None:
    clients.send("mail", document if isinstance(document, str) else json.dumps(document))


def deliver(aws, records: list | None = None) -> list[dict]:
    """Run the consumer over what is queued: what SES was asked to send."""
    with telemetry.recording() as calls:
        records = aws.take("mail") if records is None else records
        deliver_mail({"Records": records})
    return [call.parameters for call in calls.of("SendEmail") if not call.error]


def text_of(sent: dict) -> str:
    return sent["Content"]["Simple"]["Body"]["Text"]["Data"]


def states(aws) -> list[str]:
    return [row["state"] for row in aws.rows("mail") if "state" in row]


def test_a_request_becomes_a_mail_with_link_and_code(aws, held_clock):
    put_intent(aws, "register")
    mail.request("confirm_registration", ANN, key="I1", expires_at=clock.epoch() + 86400, data={"intent_id": "I1"})
    (sent,) = deliver(aws)
    code = links.mint("confirm", "I1")
    assert sent["Destination"] == {"ToAddresses": [ANN]}
    assert sent["FromEmailAddress"] == "rollcall@rollcall.example"
    assert sent["ConfigurationSetName"] == "rollcall-test-mail"
    lines = text_of(sent).splitlines()
    assert f"Code: {code}" in lines
    assert f"https://rollcall.example/account/confirm#token={code}" in lines
    assert "Both work until 2026-03-02 12:00 UTC." in lines
    assert f"#token={code}" in sent["Content"]["Simple"]["Body"]["Html"]["Data"]


def test_the_record_keeps_state_but_no_address_content_or_token(aws, held_clock):
    put_person(aws)
    put_intent(aws, "reset")
    mail.request("password_reset", ANN, key="I1", user_id="U1", data={"intent_id": "I1"})
    (sent,) = deliver(aws)
    (row,) = aws.rows("mail")
    assert {row["state"], row["template"], row["user_id"]} == {"sent", "password_reset", "U1"}
    assert row["expires_at"] == clock.epoch() + 90 * 86400
    assert row["id"] == sent["EmailTags"][0]["Value"]
    assert row.keys() == {
        *("id", "schema", "user_id", "template", "state", "created_at"),
        *("updated_at", "claimed_at", "message_id", "expires_at", "sent_to"),
    }
    assert row["sent_to"] == address_digest(ANN)


def test_a_mail_is_logged_under_the_request_that_began_it(aws, caplog):
    put_person(aws)
    with context.working_for("R1"):
        mail.request("already_registered", ANN, key="I1")
    queue(event("user.password_changed", requestid="R2"))
    with caplog.at_level("INFO"):
        deliver(aws)
    sent = [record for record in caplog.records if record.message == "mail sent"]
    assert [record.request_id for record in sent] == ["R1", "R2"]
    assert ANN not in repr([vars(record) for record in caplog.records])


def test_a_request_again_sends_nothing(aws):
    for _ in range(3):
        mail.request("already_registered", ANN, key="I1")
    records = aws.take("mail")
    assert len(deliver(aws, records)) == 1
    assert deliver(aws, records) == []


def test_an_expired_request_is_dropped(aws, held_clock):
    put_person(aws)
    put_intent(aws, "reset", expires_at=clock.epoch())
    mail.request("password_reset", ANN, key="I1", data={"intent_id": "I1"})
    assert deliver(aws) == []
    assert states(aws) == ["expired"]


def test_a_mail_to_a_person_is_seen_from_its_request_on(aws, held_clock):
    put_person(aws)
    put_intent(aws, "reset")
    mail.request("password_reset", ANN, key="I1", user_id="U1", data={"intent_id": "I1"})
    (asked,) = mail.mails_to("U1")
    assert asked["state"] == "queued"
    held_clock.tick(seconds=5)
    deliver(aws)
    (sent,) = mail.mails_to("U1")
    assert (sent["id"], sent["state"], sent["created_at"]) == (asked["id"], "sent", asked["created_at"])
    mail.request("password_reset", ANN, key="I1", user_id="U1", data={"intent_id": "I1"})
    assert states(aws) == ["sent"]


def test_an_alert_to_a_person_goes_where_they_are_and_is_among_their_mails(aws):
    put_person(aws)
    aws.put("users", {"id": "U2", "version": 9, "deleted_at": "2026-03-01T12:00:00.000Z"})
    for person in ("U1", "U1", "U2", "client-7"):
        accounts.alert(person, "Webhook disabled", "Mend it.", key="W1")
    assert [row["state"] for row in mail.mails_to("U1")] == ["queued"]
    assert [sent["Destination"]["ToAddresses"] for sent in deliver(aws)] == [[ANN]]
    assert [row["state"] for row in mail.mails_to("U1")] == ["sent"]


@pytest.mark.slow
def test_an_event_is_mailed_to_the_person_as_they_are_now(aws):
    put_person(aws, invited_at=clock.timestamp())
    for number, event_type in enumerate(sorted(MAILED_EVENTS.keys() - {"user.birthday", "session.started"})):
        queue(event(event_type, id=f"users:U1:{number}:0"))
        queue(event(event_type, id=f"users:U1:{number}:0"))
        sent = deliver(aws)[0]
        assert sent["Destination"]["ToAddresses"] == [ANN]
        assert text_of(sent).startswith("Hello Ann & Co,\n")
        assert "<p>Hello Ann &amp; Co,</p>" in sent["Content"]["Simple"]["Body"]["Html"]["Data"]
    assert {row["user_id"] for row in aws.rows("mail")} == {"U1"}


def test_an_email_change_is_told_to_both_addresses(aws):
    put_person(aws)
    queue(event("user.email_changed", data={"user": {"id": "U1"}, "previous": {"email": OLD}}))
    assert [sent["Destination"]["ToAddresses"] for sent in deliver(aws)] == [[ANN], [OLD]]


def test_events_that_mail_nobody(aws):
    cases: list[tuple[dict, dict]] = [
        ({"replayed": "true"}, {}),
        ({"bulk": "true"}, {}),
        ({"type": "user.updated"}, {}),
        ({"type": "user.birthday"}, {}),
        ({"subject": "U2"}, {}),
        ({}, {"email": None}),
        ({}, {"deleted_at": "2026-03-01T12:00:00.000Z"}),
    ]
    for change, person in cases:
        put_person(aws, **person)
        queue(event("user.password_changed", **change))
        assert deliver(aws) == [], (change, person)
    assert aws.rows("mail") == []
    assert aws.take("mail-dlq") == []


@settings.held(birthday_mail=True)
def test_birthdays_are_mailed_where_the_stage_says_so(aws):
    put_person(aws)
    queue(event("user.birthday"))
    (sent,) = deliver(aws)
    assert "happy birthday" in text_of(sent)


def test_a_plain_mail_is_sent_as_it_is(aws):
    queue({**PLAIN, "body": "{{ 7 * 7 }} <b>"})
    (sent,) = deliver(aws)
    simple = sent["Content"]["Simple"]
    assert (simple["Subject"]["Data"], simple["Body"]) == (
        "Hello",
        {"Text": {"Data": "{{ 7 * 7 }} <b>", "Charset": "UTF-8"}},
    )


@pytest.mark.slow
def test_what_cannot_be_mailed_is_parked_and_its_neighbours_are_sent(aws):
    put_person(aws)
    cases = [
        ("not json", "Malformed: the message body is not JSON"),
        ([], "Malformed: the message is not a JSON object"),
        ({}, "Malformed: the message is no mail request, no event and no {to, subject, body}"),
        ({"to": ANN}, "Invalid: subject: is not a text of 1 to 500 characters; body: is not a text"),
        ({"template": "password_reset", "to": ANN, "key": "k"}, "Malformed: the message asks for what only this"),
        (message_macs.vouched("mail", {"template": "birthday", "key": "k"}), "Invalid: template: is no template"),
        (
            message_macs.vouched(
                "mail", {"template": "already_registered", "to": "ännchen@x.example", "key": "k"}
            ),
            "Invalid: to: is not an email",
        ),
        (event("user.invited", time="yesterday"), "Malformed: the event's time is no time"),
        (event("user.invited", id=None), "Malformed: the event lacks its id, subject or time"),
    ]
    for number, (message, reason) in enumerate(cases):
        queue({**PLAIN, "id": f"before {number}"})
        queue(message)
        queue({**PLAIN, "id": f"after {number}"})
        assert len(deliver(aws)) == 2, reason
        (parked,) = aws.take("mail-dlq")
        why = parked["messageAttributes"]["reason"]["stringValue"]
        assert why.startswith(reason)
        assert ANN not in why
    kept = [row["template"] for row in aws.rows("mail") if row["state"] == "parked"]
    assert kept == ["already_registered"]


def test_a_busy_ses_is_asked_again_soon(aws, held_clock):
    queue(PLAIN)
    busy = [True, True, False]

    def answer(**_: object) -> tuple | None:
        return refused("TooManyRequestsException", 429) if busy.pop(0) else None

    with listening(clients.client("sesv2"), "before-call.sesv2.SendEmail", answer):
        assert len(deliver(aws)) == 1
    assert states(aws) == ["sent"]
    assert 1 < (clock.now() - NOW).total_seconds() <= 2


def test_after_a_time_out_a_mail_is_not_sent_again_at_once(aws):
    queue(PLAIN)
    sent = []

    def time_out(request: object, **_: object) -> None:
        sent.append(request)
        raise ReadTimeoutError(endpoint_url="https://email.example")

    with (
        listening(clients.client("sesv2"), "before-send.sesv2.SendEmail", time_out),
        pytest.raises(Transient, match="1 records of mail must come again"),
    ):
        deliver(aws)
    assert len(sent) == 1
    assert states(aws) == ["sending"]


def test_what_ses_refuses_is_parked_and_sent_when_redriven(aws):
    mail.request("already_registered", ANN, key="I1")
    with failing("sesv2", "SendEmail", "MessageRejected"):
        deliver(aws)
    assert states(aws) == ["parked"]
    (parked,) = aws.take("mail-dlq")
    assert parked["messageAttributes"]["reason"]["stringValue"] == "ClientError: MessageRejected"
    queue(parked["body"])
    assert len(deliver(aws)) == 1
    assert states(aws) == ["sent"]


SEQUENCE = [
    ("dynamodb", "GetItem", 0),
    ("dynamodb", "UpdateItem", 0),
    ("sesv2", "SendEmail", 0),
    ("dynamodb", "UpdateItem", 1),
    ("sqs", "SendMessage", 0),
]
"""The calls of one mail, each with how many of its kind come before it."""


@pytest.mark.slow
def test_a_crash_anywhere_loses_no_mail_and_doubles_it_at_most_once(aws, held_clock):
    points = [(*point, after) for point in SEQUENCE for after in (False, True)]
    for service, operation, skip, after in points:
        queue({**PLAIN, "id": f"{operation} {skip} {after}"})
        records = aws.take("mail")
        with telemetry.recording() as calls:
            with crashing(service, operation, skip=skip, after=after), pytest.raises(Crash):
                deliver_mail({"Records": records})
            held_clock.tick(seconds=CLAIM_SECONDS + 1)
            deliver_mail({"Records": records})
            deliver_mail({"Records": records})
        sent = [call for call in calls.of("SendEmail") if not call.error]
        assert 1 <= len(sent) <= 2, (operation, after)
    assert states(aws) == ["sent"] * len(points)


def test_the_crash_points_above_are_all_there_are(aws):
    queue(PLAIN)
    records = aws.take("mail")
    with telemetry.recording() as calls:
        deliver_mail({"Records": records})
    assert calls.names == [operation for _, operation, _ in SEQUENCE]


def test_a_fresh_claim_of_another_makes_the_request_come_again(aws, held_clock):
    queue(PLAIN)
    records = aws.take("mail")
    with crashing("sesv2", "SendEmail", after=True), pytest.raises(Crash):
        deliver_mail({"Records": records})
    with pytest.raises(Transient, match="1 records of mail must come again"):
        deliver(aws, records)


@pytest.mark.parametrize("subject", ["Hello\r\nBcc: eve@example.com", "Hello\x00\u2028\x85Bcc: eve@example.com"])
def test_a_subject_is_one_line(aws, subject):
    put_person(aws)
    queue({**PLAIN, "subject": subject})
    accounts.alert("U1", subject, "Text", key="K1")
    assert [sent["Content"]["Simple"]["Subject"]["Data"] for sent in deliver(aws)] == [
        "Hello Bcc: eve@example.com"
    ] * 2


def test_a_direct_invocation_takes_the_same_way(aws):
    answer = send_email(PLAIN)
    (sent,) = deliver(aws)
    assert sent["EmailTags"][0]["Value"] == answer["id"] == aws.rows("mail")[0]["id"]


def test_a_direct_invocation_with_an_id_is_sent_once(aws):
    assert send_email({**PLAIN, "id": "invoice-7"}) == send_email({**PLAIN, "id": "invoice-7"})
    assert len(deliver(aws)) == 1


def test_a_direct_invocation_refuses_what_is_no_mail(aws):
    for wrong, error in [([], Malformed), ({}, Invalid), ({**PLAIN, "to": "nobody"}, Invalid)]:
        with pytest.raises(error):
            send_email(wrong)
    assert aws.take("mail") == []
