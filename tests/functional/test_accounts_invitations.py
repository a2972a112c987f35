"""Inviting people, and coming by an invitation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib import accounts
from chalicelib.accounts.first_administrator import create_admin
from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from chalicelib.core.crypto import links
from chalicelib.core.settings import settings
from chalicelib.events.change import events_of
from chalicelib.mail.store import mails
from chalicelib.mail_delivery.intake import mails_of
from chalicelib.mail_delivery.messages import write
from tests.builders import PASSWORD, a_user, an_admin
from tests.functional.enrolled import app_of
from tests.functional.serial import one_call_at_a_time
from tests.functional.visitors import Visitor, mailed, token_of, visitor

pytestmark = pytest.mark.usefixtures("held_clock")

GRACE = {
    "email": "Grace@maths.example",
    "name": "Grace Hopper",
    "locale": "de",
    "birthdate": "1990-12-09",
    "attributes": {"tea": True},
    "metadata": {"plan": "pro"},
}


@pytest.fixture
def root(aws):
    an_admin(id="ROOT", email="root@maths.example", password=PASSWORD)
    return visitor("root@maths.example")


def invite(root: Visitor, headers: dict[str, str] | None = None, **fields: object):
    return root.call("POST", "/users/invite", {**GRACE, **fields}, **(headers or {}))


def accept(token: str, password: str = PASSWORD):
    return Visitor().call("POST", "/users/confirm", {"token": token, "password": password})


@pytest.fixture
def grace(root):
    """The id of somebody who was invited."""
    answer = invite(root)
    assert answer.status == 201, answer
    return answer.body["id"]


@pytest.fixture
def token(grace):
    return links.mint("invitation", grace)


class Message:
    """An event as it comes on the queue of mail."""

    id = "M1"

    def __init__(self, event):
        self.event = event

    def json(self):
        return self.event


def mails_about(old, new):
    (event,) = events_of("users", old, new, expired=False, public_url="https://x.example")
    return event["type"], mails_of(Message(event), mails())


def person_of(aws, user_id):
    return next(row for row in aws.rows("users") if row["id"] == user_id)


@pytest.mark.slow
@pytest.mark.peers
def test_an_invited_person_is_there_without_password_and_proof(aws, root):
    with telemetry.recording() as record:
        answer = invite(root)
    assert (answer.status, answer.body["email_verified"], answer.body["metadata"]) == (201, False, {"plan": "pro"})
    assert record.names == ["BatchGetItem", "TransactWriteItems"]
    person = person_of(aws, answer.body["id"])
    assert (person["source"], person["invited_at"], person["age"]) == ("invitation", clock.timestamp(), 35)
    assert accounts.credentials().password(person["id"]) is None
    assert Visitor().enter("grace@maths.example").status == 401


def test_the_event_of_an_invitation_is_mailed_with_its_link(aws, root, grace, token):
    kind, (mail,) = mails_about(None, person_of(aws, grace))
    assert (kind, mail.template, mail.to) == ("user.invited", "invitation", "Grace@maths.example")
    assert mail.expires_at == clock.epoch() + 7 * 86400
    message = write(mail)
    assert links.url("/account/invitation", token) in message.text
    assert f"Code: {token}\n" in message.text
    assert "2026-03-08 12:00 UTC" in message.text


def test_an_invitation_that_was_accepted_is_mailed_no_more(aws, grace, token):
    invited = person_of(aws, grace)
    accept(token)
    assert mails_about(None, invited) == ("user.invited", [])


def test_who_accepts_chooses_a_password_and_proves_the_mailbox(aws, grace, token):
    before = person_of(aws, grace)
    answer = accept(token)
    assert (answer.status, answer.body["id"], answer.body["email_verified"]) == (201, grace, True)
    assert Visitor().enter("grace@maths.example").status == 201
    after = person_of(aws, grace)
    events = events_of("users", before, after, expired=False, public_url="https://x.example")
    assert [event["type"] for event in events] == ["user.confirmed"]


@pytest.mark.slow
def test_an_invitation_is_used_once(grace, token):
    assert accept(token).status == 201
    assert accept(token, "copper lantern river nine").status == 410
    assert Visitor().enter("grace@maths.example").status == 201


@pytest.mark.slow
def test_one_of_many_simultaneous_acceptances_wins(token):
    with one_call_at_a_time(), ThreadPoolExecutor(10) as threads:
        answers = threads.map(lambda n: accept(token, f"violet otter number {n} sings"), range(10))
        assert sorted(answer.status for answer in answers) == [201] + [410] * 9


@pytest.mark.slow
def test_who_comes_is_not_kept_out_by_others_guesses_before(token):
    for _ in range(6):
        Visitor().enter("grace@maths.example", "a wrong password of others")
    assert accept(token).status == 201
    assert Visitor().enter("grace@maths.example").status == 201


def test_who_is_made_an_administrator_needs_no_invitation_any_more(root, grace, token):
    create_admin({"email": "grace@maths.example", "password": "copper lantern river nine", "force": True})
    assert accept(token).status == 410
    assert invite(root).status == 409


def test_an_invitation_brings_no_password_that_nobody_may_choose_and_stays_good(token):
    for password in ("short", "passwordpassword", "grace@maths.example"):
        answer = accept(token, password)
        assert (answer.status, answer.body["errors"][0]["field"]) == (422, "password")
    assert accept(token).status == 201


def test_an_invitation_lives_for_a_week(root, token):
    clock.tick(days=7)
    assert accept(token).status == 410


@settings.held(invitation_days=1)
def test_a_stage_says_how_long_invitations_live(token):
    clock.tick(days=1)
    assert accept(token).status == 410


@pytest.mark.slow
def test_inviting_again_who_has_not_come_mails_again_with_what_is_given_now(aws, root, grace, token):
    before = person_of(aws, grace)
    clock.tick(days=6)
    root.enter("root@maths.example")
    again = invite(root, email="GRACE@maths.example", name="Admiral Hopper", roles=["support"])
    assert (again.status, again.body["id"], again.body["name"]) == (200, grace, "Admiral Hopper")
    assert (again.body["email"], again.body["roles"]) == ("Grace@maths.example", ["support"])
    events = events_of("users", before, person_of(aws, grace), expired=False, public_url="https://x.example")
    assert [event["type"] for event in events] == ["user.invited", "user.roles_changed", "user.updated"]
    clock.tick(days=6)
    assert accept(token).status == 410
    assert accept(links.mint("invitation", f"{grace}:2")).status == 201


@pytest.mark.slow
def test_who_has_come_is_not_invited_again(root, grace, token):
    accept(token)
    assert invite(root).status == 409
    a_user(email="ada@maths.example")
    assert invite(root, email="ada@maths.example").status == 409


@pytest.mark.slow
@pytest.mark.parametrize("way", ["reset", "code"])
def test_another_proof_of_the_mailbox_uses_the_invitation_up(aws, root, grace, token, way):
    email = "grace@maths.example"
    if way == "reset":
        Visitor().call("POST", "/password-resets", {"email": email})
        (mail,) = mailed(aws)
        body = {"token": token_of(mail), "password": PASSWORD}
        assert Visitor().call("POST", "/password-resets/confirm", body).status == 204
    else:
        accounts.sign_in_codes.ask(email, "192.0.2.1")
        (mail,) = mailed(aws)
        assert accounts.redeem_code(token_of(mail))["email_verified"] is True
    assert accept(token, "copper lantern river nine").status == 410
    assert invite(root).status == 409


@pytest.mark.slow
def test_an_invitation_is_void_for_who_was_disabled_or_removed(root, grace, token):
    root.call("POST", f"/users/{grace}/disable")
    assert accept(token).status == 410
    root.call("POST", f"/users/{grace}/enable")
    root.call("DELETE", f"/users/{grace}")
    assert accept(token).status == 410


@pytest.mark.slow
def test_a_token_of_another_purpose_accepts_nothing(grace):
    for purpose in ("confirm", "reset", "code", "email"):
        assert accept(links.mint(purpose, grace)).status == 410


@pytest.mark.slow
def test_a_registration_that_waits_is_void_once_its_address_was_invited(aws, root):
    Visitor().call("POST", "/users", {"email": "grace@maths.example", "password": PASSWORD})
    (mail,) = mailed(aws)
    assert invite(root).status == 201
    assert accept(token_of(mail)).status == 409


@pytest.mark.slow
@pytest.mark.peers
def test_nobody_is_invited_by_an_old_proof_and_no_administrator_without_a_second_factor(root):
    answer = invite(root, roles=["admin"])
    assert (answer.status, answer.body["type"]) == (401, "step-up-required")
    assert "second factor" in answer.body["detail"]
    app = app_of(root)
    assert root.call("POST", "/sessions/current/step-up", {"otp": app.code()}).status == 204
    assert invite(root, roles=["admin"]).status == 201
    clock.tick(minutes=6)
    for roles in (["admin"], ["support"], []):
        answer = invite(root, roles=roles)
        assert (answer.status, answer.body["type"]) == (401, "step-up-required"), roles


def test_only_administrators_invite(root, aws):
    a_user(email="help@maths.example", password=PASSWORD, roles=["support"])
    assert invite(visitor("help@maths.example")).status == 403
    assert invite(Visitor()).status == 401


def test_an_invitation_is_sent_once_for_each_key(aws, root):
    first, again = (invite(root, {"Idempotency_Key": "k1"}) for _ in range(2))
    assert (first.status, first.body) == (again.status, again.body)
    assert len(aws.rows("users")) == 2


@pytest.mark.slow
def test_what_an_administrator_cannot_set_is_refused(root, aws):
    for field, value in {"email_verified": True, "status": "active", "password": PASSWORD, "id": "U9"}.items():
        answer = invite(root, **{field: value})
        assert (answer.status, answer.body["errors"][0]["field"]) == (422, field)
    assert len(aws.rows("users")) == 1


@pytest.mark.slow
@pytest.mark.peers
def test_inviting_again_voids_the_mail_before(aws, root, grace, token):
    clock.tick(minutes=1)
    assert invite(root, name="Grace B. Hopper").status == 200
    assert accept(token).status == 410
    clock.tick(minutes=1)
    second = f"{grace}:2"
    assert invite(root).status == 200
    assert accept(links.mint("invitation", second)).status == 410
    (person,) = (row for row in aws.rows("users") if row["id"] == grace)
    (written,) = mails_about({**person, "invited_at": "", "version": person["version"] - 1}, person)[1]
    assert accept(links.mint("invitation", written.token_of)).status == 201
    assert accept(links.mint("invitation", written.token_of)).status == 410
