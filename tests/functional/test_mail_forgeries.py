"""What somebody gets who may send to the queue `mail` and holds no key of the stage: what a record warrants anyway."""

from __future__ import annotations

import json

import pytest

from chalicelib import accounts, mail
from chalicelib.core import clock
from chalicelib.core.crypto import links, message_macs
from chalicelib.core.crypto.app_key_rotation import rotate_app_keys
from chalicelib.core.settings import settings
from chalicelib.mail.model import MAILED_EVENTS, MARKS, TEMPLATES
from chalicelib.mail_delivery.messages import LINKS
from tests.cloudlike import NAMES
from tests.functional.rotated import Rotated
from tests.functional.test_mail_delivery import ANN, OLD, deliver, event, put_intent, put_person, queue, text_of

MALLORY = "mallory@evil.example"
PURPOSES = {
    "confirm_registration": "register",
    "password_reset": "reset",
    "sign_in_code": "code",
    "confirm_email": "email",
}


def addresses(sent: list[dict]) -> list[str]:
    return [address for each in sent for address in each["Destination"]["ToAddresses"]]


def reasons(aws) -> list[str]:
    return [parked["messageAttributes"]["reason"]["stringValue"] for parked in aws.take("mail-dlq")]


@pytest.mark.slow
@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_a_forged_request_mails_nobody(aws, template):
    put_person(aws, roles=["admin"])
    put_intent(aws, PURPOSES.get(template, "register"))
    for forged in (
        {"template": template, "to": MALLORY, "key": "k", "data": {"intent_id": "I1"}},
        {"template": template, "to": MALLORY, "key": "k", "data": {"intent_id": "U1"}, "user_id": "U1"},
        {"template": template, "key": "k2", "user_id": "U1", "data": {"intent_id": "I1"}, "mac": "1.AAAA"},
        {"template": template, "key": "k3", "user_id": "U1", "mac": "9.\ud800"},
        {"template": template, "key": "k4", "user_id": "U1", "mac": ["1", {}]},
        {"template": template, "to": MALLORY, "subject": "Hello", "body": "Text", "key": "k5"},
    ):
        queue(forged)
        queue({"to": ANN, "subject": "good", "body": "neighbour", "id": json.dumps(forged)[:200]})
        assert addresses(deliver(aws)) == [ANN], forged
        assert reasons(aws) == ["Malformed: the message asks for what only this stage itself may ask for"], forged


def test_a_request_of_ours_that_was_changed_mails_nobody(aws):
    put_person(aws)
    put_intent(aws, "reset")
    mail.request("password_reset", ANN, key="I1", user_id="U1", data={"intent_id": "I1"})
    (ours,) = aws.bodies("mail")
    changes = [
        {"to": MALLORY},
        {"key": "I2"},
        {"user_id": "U2"},
        {"template": "sign_in_code"},
        {"data": {}},
        {"x": 1},
    ]
    for change in changes:
        queue({**ours, **change})
    queue({name: value for name, value in ours.items() if name != "user_id"})
    assert deliver(aws) == []
    assert len(aws.take("mail-dlq")) == len(changes) + 1
    queue(ours)
    queue(ours)
    assert addresses(deliver(aws)) == [ANN]


@pytest.mark.parametrize("template", sorted(PURPOSES))
def test_a_token_goes_where_its_record_says_and_lives_as_long(aws, held_clock, template):
    """Also where the stage itself asked for something else."""
    put_person(aws)
    put_intent(aws, PURPOSES[template])
    mail.request(template, MALLORY, key="k", expires_at=clock.epoch() + 9**9, data={"intent_id": "I1"})
    (sent,) = deliver(aws)
    assert addresses([sent]) == [ANN]
    assert links.mint(LINKS[template][0], "I1") in text_of(sent)
    assert "2026-03-02 12:00 UTC" in text_of(sent)


@pytest.mark.slow
def test_a_token_is_for_what_its_record_was_made_for(aws):
    put_person(aws)
    for template, purpose in PURPOSES.items():
        for other in sorted({*PURPOSES.values(), "verify", "resend"} - {purpose}):
            if (template, other) == ("confirm_registration", "verify"):
                continue
            put_intent(aws, other)
            mail.request(template, ANN, key=f"{template} {other}", data={"intent_id": "I1"})
            assert deliver(aws) == [], (template, other)
            assert reasons(aws) == [f"Malformed: the record was not made for a mail of the template {template}"]


@pytest.mark.parametrize("template", ["password_reset", "sign_in_code"])
def test_a_token_does_not_follow_an_address_that_moved(aws, template):
    put_person(aws, email="moved@example.com", email_key="moved@example.com")
    put_intent(aws, PURPOSES[template])
    mail.request(template, ANN, key="k", user_id="U1", data={"intent_id": "I1"})
    assert deliver(aws) == []


@pytest.mark.parametrize("kind", sorted(MAILED_EVENTS.keys() - {"session.started"}))
@settings.held(birthday_mail=True)
def test_a_forged_event_mails_nobody_to_whom_that_has_not_happened(aws, kind):
    put_person(aws, **dict.fromkeys(MARKS.values()))
    queue(event(kind, data={"user": {"id": "U1"}, "previous": {"email": MALLORY}}))
    assert deliver(aws) == []
    assert reasons(aws) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(MAILED_EVENTS.keys() - {"session.started"}))
@settings.held(birthday_mail=True)
def test_many_forged_events_are_one_mail_of_what_happened(aws, held_clock, kind):
    put_person(aws)
    for number in range(20):
        said = {
            "user": {"id": "U1", "email": MALLORY, "name": "Click evil.example"},
            "previous": {"email": MALLORY},
        }
        queue(event(kind, id=f"forged:{number}", time="2031-01-01T00:00:00.000Z", data=said, email=MALLORY))
    (sent,) = deliver(aws)
    assert addresses([sent]) == [ANN]
    assert "evil" not in repr(sent)
    assert "2031" not in repr(sent)


def test_an_invitation_goes_to_who_is_invited_and_to_nobody_else(aws):
    put_person(aws, roles=["admin"], invited_at=None)
    queue(event("user.invited", data={"user": {"id": "U1", "email": MALLORY}}))
    assert deliver(aws) == []
    put_person(aws, roles=["admin"], invited_at=clock.timestamp())
    queue(event("user.invited", id="forged", data={"user": {"id": "U1", "email": MALLORY}}))
    assert addresses(deliver(aws)) == [ANN]


def test_the_address_that_a_person_left_is_told_and_no_other(aws):
    put_person(aws)
    for former in (MALLORY, None, {}, [OLD], OLD.upper()):
        queue(event("user.email_changed", id=repr(former), data={"previous": {"email": former}}))
    queue(event("user.email_changed", id="real", data={"previous": {"email": OLD}}))
    assert addresses(deliver(aws)) == [ANN, OLD]


@pytest.mark.parametrize("forged", [{"to": MALLORY}, {"subject": "All is well"}, {"body": "Nothing happened."}])
def test_no_mail_of_others_takes_the_place_of_an_alert(aws, forged):
    """Whose id can be guessed: it names the webhook, its version, and who hears of it."""
    put_person(aws)
    said = ("Webhook disabled", "It answered 410 Gone.")
    for reader, to in (("0", settings().operators[0]), ("U1", ANN)):
        queue({"to": to, "subject": said[0], "body": said[1], "id": f"webhook-disabled:W1:3:{reader}", **forged})
    assert len(deliver(aws)) == 2
    mail.alert_operators(*said, key="webhook-disabled:W1:3")
    accounts.alert("U1", *said, key="webhook-disabled:W1:3")
    assert addresses(deliver(aws)) == [settings().operators[0], ANN]


def test_what_was_asked_for_before_a_rotation_is_mailed_after_it(aws, held_clock):
    put_person(aws)
    put_intent(aws, "reset", expires_at=clock.epoch() + 9**6)
    mail.request("password_reset", ANN, key="before", data={"intent_id": "I1"})
    Rotated(rotate_app_keys, NAMES.of("app-keys")).rotate(1)
    clock.tick(hours=2)
    mail.request("password_reset", ANN, key="after", data={"intent_id": "I1"})
    assert addresses(deliver(aws)) == [ANN, ANN]


def test_a_mac_is_of_one_purpose(aws):
    asked = {"template": "already_registered", "to": MALLORY, "key": "k"}
    queue(message_macs.vouched("links", asked))
    assert deliver(aws) == []
    assert len(aws.take("mail-dlq")) == 1
