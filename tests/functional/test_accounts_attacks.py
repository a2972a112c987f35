"""What others try in order to get an account, or more of one: each by its name."""

from __future__ import annotations

import json

import pytest

from chalicelib.accounts.model import patched
from chalicelib.accounts.store import people
from chalicelib.core import clock
from chalicelib.core.errors import Conflict
from chalicelib.core.settings import settings
from chalicelib.factors.enrolment import begin_totp
from chalicelib.factors.passkeys import registration_options
from chalicelib.mail.model import MARKS, Mail, requested
from chalicelib.mail_delivery import warrants
from chalicelib.mail_delivery.messages import LINKS, write
from tests.builders import PASSWORD, a_user, an_admin
from tests.functional.visitors import Visitor, mailed, token_of, visitor

pytestmark = pytest.mark.usefixtures("held_clock")

ADA = "ada@maths.example"
THEIRS = "what the squatter chose 7"
NEW = "copper lantern river nine"


@pytest.fixture
def optional(aws):
    with settings.held(email_verification="optional"):
        yield aws


def register(password: str):
    return Visitor().call("POST", "/users", {"email": ADA, "password": password})


def confirm(token: str, password: str):
    return Visitor().call("POST", "/users/confirm", {"token": token, "password": password})


def reset(token: str, password: str = NEW):
    return Visitor().call("POST", "/password-resets/confirm", {"token": token, "password": password})


class TestSquatting:
    """Registering with an address before its owner does."""

    @pytest.mark.slow
    def test_the_owner_registers_all_the_same(self, aws):
        register(THEIRS)
        (squatted,) = mailed(aws)
        clock.tick(seconds=1)
        register(PASSWORD)
        own = max(mailed(aws), key=lambda mail: mail["key"])
        assert own["template"] == "confirm_registration"
        assert confirm(token_of(own), PASSWORD).status == 201
        assert Visitor().enter(ADA, THEIRS).status == 401
        assert confirm(token_of(squatted), THEIRS).status == 409

    def test_the_owner_confirms_no_registration_of_the_squatters(self, aws):
        register(THEIRS)
        (mail,) = mailed(aws)
        assert confirm(token_of(mail), PASSWORD).status == 422
        assert aws.rows("users") == []

    @pytest.mark.slow
    @pytest.mark.parametrize("way", ["confirmation", "reset", "code"])
    def test_the_first_proof_of_the_mailbox_drops_password_and_session(self, optional, way):
        register(THEIRS)
        squatter = visitor(ADA, THEIRS)
        if way == "reset":
            Visitor().call("POST", "/password-resets", {"email": ADA})
            (mail,) = (mail for mail in mailed(optional) if mail["template"] == "password_reset")
            assert reset(token_of(mail), PASSWORD).status == 204
        elif way == "code":
            Visitor().call("POST", "/sessions/email", {"email": ADA})
            (mail,) = (mail for mail in mailed(optional) if mail["template"] == "sign_in_code")
            assert Visitor().call("POST", "/sessions/email/confirm", {"code": token_of(mail)}).status == 201
        else:
            (mail,) = mailed(optional)
            assert confirm(token_of(mail), PASSWORD).status == 201
        assert squatter.call("GET", "/me").status == 401
        assert squatter.refresh().status == 401
        assert Visitor().enter(ADA, THEIRS).status == 401
        assert people().find_by_email(ADA)["email_verified"] is True

    def test_a_squatter_enrols_no_factor_that_would_keep_the_owner_out(self, optional):
        register(THEIRS)
        (person,) = optional.rows("users")
        with pytest.raises(Conflict, match="confirm your email address first"):
            begin_totp(person)
        with pytest.raises(Conflict, match="confirm your email address first"):
            registration_options(person)

    @pytest.mark.slow
    @pytest.mark.parametrize("way", ["before", "reset", "code"])
    @settings.held(birthday_mail=True)
    def test_nothing_that_a_squatter_wrote_reaches_the_owners_mailbox(self, optional, way):
        wrote = {"name": "Buy at evil.example", "locale": "de", "attributes": {"text": "evil.example"}}
        Visitor().call("POST", "/users", {"email": ADA, "password": THEIRS, **wrote})
        words = written(*mailed(optional))
        if way == "reset":
            Visitor().call("POST", "/password-resets", {"email": ADA})
            (mail,) = (mail for mail in mailed(optional) if mail["template"] == "password_reset")
            words += written(mail)
            assert reset(token_of(mail), PASSWORD).status == 204
        elif way == "code":
            Visitor().call("POST", "/sessions/email", {"email": ADA})
            (mail,) = (mail for mail in mailed(optional) if mail["template"] == "sign_in_code")
            words += written(mail)
            assert Visitor().call("POST", "/sessions/email/confirm", {"code": token_of(mail)}).status == 201
        words += noticed(optional)
        assert len(words) >= len(MARKS)
        assert not any("evil" in text for text in words)
        owner = None if way == "before" else people().find_by_email(ADA)
        if owner:
            people().change(owner, lambda present: patched(present, {"name": "Ada"}))
            assert any("Ada" in text for text in noticed(optional))

    @pytest.mark.slow
    def test_who_confirms_with_the_registrations_password_is_called_by_name(self, optional):
        Visitor().call("POST", "/users", {"email": ADA, "password": PASSWORD, "name": "Ada"})
        (mail,) = mailed(optional)
        assert confirm(token_of(mail), PASSWORD).status == 201
        assert any("Ada" in text for text in noticed(optional))


def written(*asked: dict) -> list[str]:
    """The words of the mails that were asked for."""
    return [text_of(each) for request in asked for each in warranted(requested(request))]


def noticed(cloud) -> list[str]:
    """The words of the mails about everything that can happen to the one person there is."""
    clock.tick(seconds=1)
    (person,) = cloud.rows("users")
    moment = clock.timestamp()
    marks = {mark: moment for template, mark in MARKS.items() if template != "invitation"}
    cloud.put("users", {**person, **marks})
    return [
        text_of(each)
        for template in MARKS
        if template != "invitation"
        for each in warrants.of_event(template, {"id": "users:x:1:0", "subject": person["id"]})
    ]


def warranted(request: Mail) -> list[Mail]:
    due = warrants.of_request(request)
    return [due] if due else []


def text_of(mail: Mail) -> str:
    message = write(mail)
    return f"{message.subject} {message.text} {message.html}"


POISON = {
    "Host": "evil.example",
    "X_Forwarded_Host": "evil.example",
    "X_Original_Host": "evil.example",
    "Forwarded": "host=evil.example",
    "Origin": "https://evil.example",
    "Referer": "https://evil.example/",
}

ASKED = {
    "/users": {"email": "new@maths.example", "password": PASSWORD},
    "/users/resend-confirmation": {"email": "new@maths.example"},
    "/password-resets": {"email": ADA},
    "/sessions/email": {"email": ADA},
}


@pytest.mark.slow
def test_host_poisoning_reaches_no_mail_and_no_link_in_it(aws):
    a_user(id="U1", email=ADA, password=PASSWORD)
    for path, body in ASKED.items():
        assert Visitor().call("POST", path, body, **POISON).status == 202
    root = visitor(ADA)
    assert root.call("PUT", "/me/email", {"email": "x@maths.example"}, **POISON).status == 202
    asked = mailed(aws)
    assert {mail["template"] for mail in asked} == LINKS.keys() - {"invitation"}
    for mail in asked:
        assert "evil" not in json.dumps(mail)
        message = write(warrants.of_request(requested(mail)))
        assert "evil" not in message.text + message.html
        page = LINKS[mail["template"]][1]
        assert f"{settings().public_url}{page}#token=" in message.text


@pytest.mark.slow
def test_reset_token_replay_is_refused(aws):
    a_user(id="U1", email=ADA, password=PASSWORD)
    Visitor().call("POST", "/password-resets", {"email": ADA})
    (mail,) = mailed(aws)
    assert reset(token_of(mail)).status == 204
    assert reset(token_of(mail), THEIRS).status == 410
    clock.tick(minutes=1)
    assert reset(token_of(mail), THEIRS).status == 410
    assert Visitor().enter(ADA, THEIRS).status == 401
    assert Visitor().enter(ADA, NEW).status == 201


def test_a_reset_starts_no_session_and_keeps_the_second_factor(aws):
    ada = a_user(id="U1", email=ADA, password=PASSWORD)
    aws.put("users", {**ada, "factors": ["totp"]})
    Visitor().call("POST", "/password-resets", {"email": ADA})
    (mail,) = mailed(aws)
    answer = reset(token_of(mail))
    assert (answer.status, answer.body) == (204, "")
    assert "Set-Cookie" not in answer.headers
    assert aws.rows("sessions") == []
    assert people().get("U1")["factors"] == ["totp"]
    refused = Visitor().enter(ADA, NEW)
    assert (refused.status, refused.body["type"]) == (401, "factor-required")


NOT_THEIRS = {
    "roles": ["admin"],
    "status": "active",
    "email_verified": True,
    "metadata": {"plan": "pro"},
    "version": 9,
    "id": "U9",
    "source": "admin",
    "factors": [],
    "sessions_since": 0,
    "invited_at": "2026-03-01T12:00:00.000Z",
    "created_at": "2026-03-01T12:00:00.000Z",
    "password_hash": "$argon2id$",
    "email_key": "x@maths.example",
}
"""Fields of a person that are set by other means, or by nobody."""


class TestMassAssignment:
    """Sending fields along that the route does not offer: refused by name, and nothing is written."""

    @pytest.mark.parametrize("field", NOT_THEIRS)
    def test_at_registration(self, aws, field):
        body = {"email": ADA, "password": PASSWORD, field: NOT_THEIRS[field]}
        assert refused(Visitor().call("POST", "/users", body)) == [field]
        assert aws.rows("intents") == aws.rows("users") == []

    @pytest.mark.slow
    @pytest.mark.parametrize("field", [*NOT_THEIRS, "email", "password"])
    def test_of_ones_own_profile(self, aws, field):
        before = a_user(id="U1", email=ADA, password=PASSWORD)
        body = {"name": "Ada", field: NOT_THEIRS.get(field, "x@maths.example")}
        assert refused(visitor(ADA).call("PATCH", "/me", body)) == [field]
        assert aws.rows("users") == [before]

    @pytest.mark.slow
    @pytest.mark.parametrize("field", [*sorted(NOT_THEIRS.keys() - {"metadata"}), "email", "password"])
    def test_of_anothers_profile_by_an_administrator(self, aws, field):
        an_admin(id="ROOT", email="root@maths.example", password=PASSWORD)
        before = a_user(id="U1", email=ADA)
        body = {"name": "Ada", field: NOT_THEIRS.get(field, "x@maths.example")}
        assert refused(visitor("root@maths.example").call("PATCH", "/users/U1", body)) == [field]
        assert people().get("U1") == before

    def test_at_confirmation(self, aws):
        register(PASSWORD)
        (mail,) = mailed(aws)
        body = {"token": token_of(mail), "password": PASSWORD, "roles": ["admin"]}
        assert refused(Visitor().call("POST", "/users/confirm", body)) == ["roles"]
        assert aws.rows("users") == []


def refused(answer) -> list[str]:
    assert answer.status == 422, answer
    return [error["field"] for error in answer.body["errors"]]
