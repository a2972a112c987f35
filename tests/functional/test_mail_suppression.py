"""Who gets no more mail, of which kind and for how long, and how that is lifted."""

from __future__ import annotations

import json

import pytest

from chalicelib import mail
from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.settings import settings
from chalicelib.intents.store import intents, new_intent
from chalicelib.mail.model import COMPLAINT_DAYS, address_digest, mail_id
from chalicelib.mail_delivery.delivery import deliver_mail
from chalicelib.mail_delivery.feedback import take_feedback
from chalicelib.mail_delivery.routes import mail as routes
from tests.builders import EVENT, a_user
from tests.functional.apps import ApiClient
from tests.functional.test_mail_feedback import sns

pytestmark = pytest.mark.usefixtures("held_clock")

READER = "reader@b\u00fccher.example"
IN_ASCII = "reader@xn--bcher-kva.example"


def send(aws, key: str, to: str = READER) -> int:
    """Mail what anybody can cause: how many SES was asked to send."""
    mail.request("already_registered", to, key=key)
    return _delivered(aws)


def _delivered(aws) -> int:
    with telemetry.recording() as calls:
        deliver_mail({"Records": aws.take("mail")})
    return len(calls.of("SendEmail"))


def bounced(*addresses: str, **about: object) -> dict:
    recipients = [{"emailAddress": address} for address in addresses]
    told = {"bounceType": "Permanent", "bouncedRecipients": recipients}
    return {"eventType": "Bounce", "bounce": told, "mail": about or named("K1")}


def complained(*addresses: str, **about: object) -> dict:
    recipients = [{"emailAddress": address} for address in addresses]
    return {
        "eventType": "Complaint",
        "complaint": {"complainedRecipients": recipients},
        "mail": about or named("K1"),
    }


def named(key: str, template: str = "already_registered") -> dict:
    return {"tags": {"mail": [mail_id(template, key)]}}


@pytest.mark.parametrize(
    "spelling",
    [
        f"Reader Example <{IN_ASCII}>",
        f"<{IN_ASCII}>",
        f"{IN_ASCII} ",
        f"{IN_ASCII}.",
        READER,
        READER.upper(),
        f'"Example, Reader" <{READER}.> ',
    ],
)
def test_a_bounce_suppresses_the_address_however_it_is_written(aws, spelling):
    assert send(aws, "K1") == 1
    take_feedback(sns("mail-feedback", bounced(spelling)))
    assert send(aws, "K2") == 0


@pytest.mark.parametrize("about", [{}, {"destination": [READER]}])
@pytest.mark.parametrize("report", [bounced, complained])
def test_a_report_suppresses_nobody_whom_its_mail_did_not_go_to(aws, report, about):
    assert send(aws, "K1") == 1
    take_feedback(sns("mail-feedback", report("other@example.com", IN_ASCII, **about)))
    assert [send(aws, "K2"), send(aws, "K3", "other@example.com")] == [0, 1]


def test_a_complaint_that_guesses_among_two_and_names_no_mail_suppresses_neither(aws):
    take_feedback(sns("mail-feedback", complained("other@example.com", IN_ASCII, messageId="S1")))
    assert [send(aws, "K1"), send(aws, "K2", "other@example.com")] == [1, 1]


def asked_for(template: str, user: dict, key: str) -> str:
    """Have a mail asked for as strangers do: what it comes of is in its table."""
    purpose = {"password_reset": "reset", "sign_in_code": "code", "confirm_registration": "register"}[template]
    intent = new_intent(purpose, user["email"], user["email_key"], seconds=3600)
    intents().write(intent)
    intents().bind(intent, user["id"])
    mail.request(template, user["email"], key=key, data={"intent_id": intent["id"]})
    return mail_id(template, key)


NOTICES = {
    "user.password_changed": "password_changed_at",
    "user.factors_changed": "factors_changed_at",
    "session.blocked": "blocked_at",
}


def noticed(aws, user: dict) -> int:
    """Deliver each of the notices about something new: how many were sent."""
    moment = clock.timestamp()
    aws.put("users", {**user, **dict.fromkeys(NOTICES.values(), moment)})
    for position, kind in enumerate(NOTICES):
        happened = {**EVENT, "id": f"users:U1:{position}:0", "type": kind, "time": moment}
        clients.send("mail", json.dumps(happened))
    return _delivered(aws)


@pytest.mark.slow
@pytest.mark.parametrize("template", ["confirm_registration", "password_reset", "sign_in_code"])
def test_a_complaint_about_what_a_stranger_caused_silences_no_reset_and_no_notice(aws, template):
    user = a_user(id="U1", email=READER)
    about = asked_for(template, user, "K1")
    assert _delivered(aws) == 1
    take_feedback(sns("mail-feedback", complained(IN_ASCII, tags={"mail": [about]})))
    assert noticed(aws, user) == len(NOTICES)
    for needed in ("password_reset", "sign_in_code"):
        asked_for(needed, user, "K2")
        assert _delivered(aws) == 1


@pytest.mark.slow
def test_a_complaint_about_a_notice_silences_no_notice(aws):
    user = a_user(id="U1", email=READER)
    assert noticed(aws, user) == len(NOTICES)
    ids = [row["id"] for row in aws.rows("mail")]
    take_feedback(sns("mail-feedback", *[complained(IN_ASCII, tags={"mail": [each]}) for each in ids]))
    clock.tick(seconds=1)
    assert noticed(aws, user) == len(NOTICES)


def test_what_strangers_cause_is_silenced_for_a_time(aws):
    assert send(aws, "K1") == 1
    take_feedback(sns("mail-feedback", complained(IN_ASCII)))
    clock.tick(days=COMPLAINT_DAYS - 1)
    assert send(aws, "K2") == 0
    clock.tick(days=2)
    assert send(aws, "K3") == 1


def test_a_complaint_from_before_silences_no_reset(aws):
    aws.put("mail", {"id": f"address#{address_digest(READER)}", "reason": "complained"})
    user = a_user(id="U1", email=READER)
    asked_for("password_reset", user, "K1")
    assert [_delivered(aws), send(aws, "K2")] == [1, 0]


def plain(aws, key: str, to: str) -> int:
    """Mail a text as it is: how many SES was asked to send."""
    clients.send("mail", json.dumps({"to": to, "subject": "Hello", "body": "Text", "id": key}))
    return _delivered(aws)


@pytest.mark.slow
@pytest.mark.parametrize("report", [bounced, complained])
def test_nothing_silences_the_alerts_of_operators(aws, report):
    operator = settings().operators[0]
    mail.alert_operators("Alarm", "Text", key="A1")
    assert _delivered(aws) == 1
    (alert,) = aws.rows("mail")
    take_feedback(sns("mail-feedback", report(operator, tags={"mail": [alert["id"]]})))
    mail.alert_operators("Alarm", "Text", key="A2")
    assert _delivered(aws) == 1


def test_a_complaint_about_a_text_of_others_silences_them_for_a_time(aws):
    assert plain(aws, "K1", READER) == 1
    (sent,) = aws.rows("mail")
    take_feedback(sns("mail-feedback", complained(IN_ASCII, tags={"mail": [sent["id"]]})))
    assert [plain(aws, "K2", READER), send(aws, "K3")] == [0, 1]
    clock.tick(days=COMPLAINT_DAYS + 1)
    assert plain(aws, "K4", READER) == 1


@pytest.mark.parametrize("report", [bounced, complained])
def test_a_report_of_a_mail_that_is_none_of_ours_suppresses_nobody(aws, report):
    take_feedback(sns("mail-feedback", report(IN_ASCII, **named("never"), destination=[READER])))
    assert send(aws, "K1") == 1


@pytest.mark.parametrize("report", [bounced, complained])
def test_an_administrator_lifts_a_suppression(aws, report):
    a_user(id="U1", email=READER)
    assert send(aws, "K1") == 1
    take_feedback(sns("mail-feedback", report(IN_ASCII)))
    assert send(aws, "K2") == 0
    api = ApiClient(routes)
    api.sign_in("A1", "support")
    assert api.call("DELETE", "/users/U1/mail/suppression").status == 403
    api.sign_in("A1", "admin", seconds_ago=400)
    assert api.call("DELETE", "/users/U1/mail/suppression").status == 401
    api.sign_in("A1", "admin")
    assert api.call("DELETE", "/users/U2/mail/suppression").status == 404
    assert [api.call("DELETE", "/users/U1/mail/suppression").status for _ in range(2)] == [204, 204]
    assert send(aws, "K3") == 1
