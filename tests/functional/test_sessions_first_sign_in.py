"""Somebody whose password the old system alone has signs in: it is asked once, and nobody else can tell."""

from __future__ import annotations

import json

import bcrypt
import pytest

from chalicelib import accounts, passwords
from chalicelib.connections import administration
from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from chalicelib.core.settings import settings
from chalicelib.events.change import events_of
from chalicelib.migration import circuit
from tests.builders import PASSWORD, a_user
from tests.functional.enrolled import App
from tests.functional.importing import StateMachines
from tests.functional.old_systems import SECRET, asked_first, endpoint, keep_secret, waiting
from tests.functional.receivers import misbehaving
from tests.functional.visitors import Visitor, mailed, token_of

ADA = "ada@maths.example"
WRONG = "not the right password"
ELSE = "another password of the same person"

pytestmark = pytest.mark.usefixtures("held_clock")


@pytest.fixture
def old(aws):
    with endpoint(aws) as system:
        system.passwords[ADA] = PASSWORD
        yield system


def enter(password: str = PASSWORD, email: str = ADA, **fields: object):
    return Visitor().call("POST", "/sessions", {"email": email, "password": password, **fields})


def row_of(aws, user_id: str = "U1") -> dict:
    return next(row for row in aws.rows("users") if row["id"] == user_id)


@pytest.mark.slow
def test_the_old_system_is_asked_once_and_then_the_password_is_ours(aws, old):
    before = waiting(ADA, id="U1", metadata={"plan": "gold", "second_factors_left_behind": ["sms"]})
    old.person = {"name": "Ada Lovelace", "locale": "en-GB", "roles": ["admin"], "metadata": {"plan": "free"}}
    old.factors = ["sms", "totp"]
    taken = []
    for email in ("ADA@maths.example", ADA):
        with telemetry.recording() as record:
            assert enter(email=email).status == 201
        taken.append(sorted(name for name in record.names if name in {"PutItem", "TransactWriteItems"}))
    assert taken == [["TransactWriteItems"] * 2, ["PutItem"]]
    assert enter(WRONG).status == 401
    (question,) = old.questions()
    assert question == {"email": ADA, "password": PASSWORD, "user_id": "U1"}
    person = row_of(aws)
    assert (person["name"], person["locale"], person["roles"]) == ("Ada Lovelace", "en-GB", [])
    assert person["metadata"] == {"plan": "gold", "second_factors_left_behind": ["sms", "totp"]}
    assert not {"awaited", "legacy_hash", "password_changed_at"} & person.keys()
    stored = accounts.credentials().password("U1")
    assert stored is not None
    assert not passwords.is_foreign(stored["hash"])
    assert PASSWORD not in json.dumps(
        [*aws.rows("users"), *aws.rows("sessions"), *aws.rows("guards")], default=str
    )
    (event,) = events_of("users", before, person, False, public_url="https://x.example")[:1]
    assert event["data"]["legacy_hash"] == {"before": "elsewhere", "after": None}


STRANGERS = ("unknown", "used", "disabled", "registered")
"""Whom the old system has a password of, and is not asked for."""


@pytest.mark.slow
@pytest.mark.parametrize("creates", [False, True], ids=["of those here", "of anybody"])
def test_every_address_is_answered_alike_and_few_are_asked_for(aws, creates):
    with endpoint(aws, creates=creates) as old:
        for kind in (*STRANGERS, "waiting"):
            old.passwords[f"{kind}@maths.example"] = ELSE
        waiting(ADA)
        waiting("disabled@maths.example", status="disabled")
        a_user(email="registered@maths.example", password=PASSWORD)
        person = waiting("used@maths.example")
        accounts.people().change(person, lambda _: {"name": "Changed by its owner"})
        answers = {
            (answer.status, json.dumps(answer.body))
            for kind in (*STRANGERS, "ada")
            for answer in [enter(ELSE, f"{kind}@maths.example")]
        }
        assert {status for status, _ in answers} == {401}
        assert len(answers) == 1
        asked = {question["email"] for question in old.questions()}
    assert asked == ({"unknown@maths.example", ADA} if creates else {ADA})


@pytest.mark.slow
def test_no_address_is_told_by_its_time_or_calls(aws, old):
    """Where the old system takes nearly all the time that it may."""
    waiting(ADA)
    answer = old.receiver.answering
    enter(WRONG)  # a process reads the secret once

    def slow(received):
        clock.tick(seconds=1.9)
        answer(received)

    old.receiver.answering = slow
    taken = set()
    with settings.held(**asking(), failed_sign_in_milliseconds=-1):
        enter(WRONG)
        for email in (ADA, "unknown@maths.example"):
            started = clock.now()
            with telemetry.recording() as record:
                assert enter(WRONG, email).status == 401
            taken.add((clock.now() - started, *record.names))
    assert len(taken) == 1
    assert {question["email"] for question in old.questions()} == {ADA}


def test_attempts_are_counted_before_the_old_system_is_asked(aws, old):
    waiting(ADA)
    with settings.held(**asking(), free_password_attempts=2, password_attempts=3):
        assert [enter(WRONG).status for _ in range(3)] == [401, 401, 429]
        assert len(old.questions()) == 2
        clock.tick(hours=1)
        assert [enter(WRONG).status, clock.tick(hours=1), enter().status] == [401, None, 401]
    assert len(old.questions()) == 3


def asking() -> dict:
    return {"migration": settings().migration, "outbound_allow_http": True}


def test_two_first_sign_ins_at_once_leave_one_password(aws, old):
    waiting(ADA, id="U1")
    answer, others = old.receiver.answering, []

    def both(received):
        if len(old.receiver.received) == 1:
            others.append(enter().status)
        answer(received)

    old.receiver.answering = both
    assert enter().status == 201
    assert others == [201]
    assert len(old.questions()) == 2
    assert accounts.credentials().password("U1")["version"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("change", ["a reset", "disabled", "a proof of the mailbox"])
def test_what_happens_to_the_account_meanwhile_counts(aws, old, change):
    """Once and for all: the old system is asked no more."""
    person = waiting(ADA, id="U1", email_verified=False)
    answer = old.receiver.answering

    def meanwhile(received):
        if change == "a reset":
            accounts.people().set_password(person, passwords.hashed(ELSE), None, lambda _: {})
        elif change == "disabled":
            accounts.people().change(person, lambda _: {"status": "disabled"})
        else:
            accounts.people().change(person, accounts.FirstProof(person).changes)
        answer(received)

    old.receiver.answering = meanwhile
    assert enter().status == 401
    old.receiver.answering = answer
    assert enter().status == 401
    assert enter(ELSE).status == (201 if change == "a reset" else 401)
    assert len(old.questions()) == 1


@pytest.mark.slow
def test_an_old_system_that_fails_is_left_alone_for_a_while(aws, old, capsys):
    waiting(ADA)
    old.receiver.answers = [503] * circuit.FAILURES
    with settings.held(**asking(), free_password_attempts=50):
        answers = [enter() for _ in range(circuit.FAILURES + 2)]
        assert {(answer.status, str(answer.body)) for answer in answers} == {(401, str(answers[0].body))}
        assert len(old.questions()) == circuit.FAILURES
        clock.tick(seconds=circuit.PAUSE_SECONDS)
        assert enter().status == 201
    output = capsys.readouterr().out
    assert output.count('"MigrationFailures":[1.0]') == circuit.FAILURES
    assert PASSWORD not in output
    assert ADA not in output


@pytest.mark.slow
def test_wrong_passwords_leave_the_circuit_as_it_is(aws, old):
    waiting(ADA)
    with settings.held(**asking(), free_password_attempts=50):
        assert {enter(WRONG).status for _ in range(circuit.FAILURES + 1)} == {401}
        assert enter().status == 201


@pytest.mark.parametrize("url", ["https://10.0.0.1/", "https://[::1]/", "http://127.0.0.1:1/"])
def test_the_old_system_is_on_the_public_internet(aws, old, url):
    """Whatever the setting says: the stage's own network is not asked."""
    waiting(ADA)
    with settings.held(migration=json.dumps({"kind": "endpoint", "url": url}), outbound_allow_http=False):
        assert enter().status == 401


def test_without_its_secret_nobody_is_asked(aws, capsys):
    waiting(ADA)
    with asked_first("http://127.0.0.1:1/", kind="endpoint"):
        assert enter().status == 401
    assert "the secret migration of this stage is not there" in capsys.readouterr().out


@pytest.fixture
def creating(aws):
    with endpoint(aws, creates=True) as system:
        system.passwords[ADA] = PASSWORD
        system.person = {"id": "U7", "email": ADA, "email_verified": True, "name": "Ada", "roles": ["admin"]}
        yield system


def test_who_is_not_here_is_created_as_an_import_would(aws, creating):
    creating.factors = ["totp"]
    assert [enter().status, enter().status, enter(WRONG).status] == [201, 201, 401]
    person = row_of(aws, "U7")
    assert (person["email"], person["email_verified"], person["name"]) == (ADA, True, "Ada")
    assert (person["source"], person["roles"]) == ("import", [])
    assert person["metadata"] == {"second_factors_left_behind": ["totp"]}
    assert len(creating.questions()) == 1


@pytest.mark.parametrize(
    "said",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": "eve@evil.example"},
        {"email": None},
        {"email": 7},
    ],
    ids=str,
)
def test_nobody_is_created_at_an_address_that_is_not_proved_to_be_theirs(aws, creating, said):
    creating.person |= said
    assert enter().status == 401
    assert aws.rows("users") == []


def test_another_persons_password_opens_no_account(aws, old):
    """Where the old system takes user names that look like addresses."""
    waiting(ADA)
    old.person = {"email": "eve@evil.example"}
    assert enter().status == 401


def test_who_was_removed_does_not_come_back(aws, creating):
    assert enter().status == 201
    accounts.people().remove(accounts.people().get("U7"), "E1", lambda _: {})
    assert enter().status == 401


@pytest.mark.slow
def test_an_import_marks_whom_the_old_system_is_asked_for_and_their_factors_count(aws, old):
    """Whoever brought a factor and no password proves both, and the old system is asked for the password alone."""
    secret = "JBSWY3DPEHPK3PXP" * 2
    rows = [{"id": "U1", "email": ADA, "totp_secret": secret}, {"id": "U2", "name": "No Address"}]
    StateMachines(aws).drop(json.dumps(rows).encode())
    assert [row_of(aws, user_id).get("legacy_hash") for user_id in ("U1", "U2")] == ["elsewhere", None]
    answer = enter()
    assert (answer.status, answer.body["type"]) == (401, "factor-required")
    assert enter(otp=App(secret).code()).status == 201
    assert len(old.questions()) == 1
    assert not {"awaited", "legacy_hash"} & row_of(aws).keys()


@pytest.mark.slow
def test_hashes_that_come_later_are_taken_and_the_old_system_is_asked_no_more(aws, old):
    machines, person = StateMachines(aws), {"id": "U1", "email": ADA}
    later = {**person, "password_hash": bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()}
    machines.drop(json.dumps([person]).encode())
    outcomes = [machines.drop(json.dumps([later]).encode(), mode="upsert")["counts"] for _ in range(2)]
    assert [(counts["updated"], counts["unchanged"]) for counts in outcomes] == [(1, 0), (0, 1)]
    assert row_of(aws)["legacy_hash"] == "bcrypt"
    assert [enter(WRONG).status, enter().status] == [401, 201]
    assert old.questions() == []


@pytest.mark.slow
def test_who_came_by_a_mailed_code_is_asked_for_no_more(aws, old):
    waiting(ADA, id="U1")
    visitor = Visitor()
    visitor.call("POST", "/sessions/email", {"email": ADA})
    (mail,) = mailed(aws)
    assert visitor.call("POST", "/sessions/email/confirm", {"code": token_of(mail)}).status == 201
    assert "legacy_hash" not in row_of(aws)
    assert enter().status == 401
    assert old.questions() == []


def test_people_of_a_domain_with_a_connection_of_its_own_are_not_asked_for(aws, old):
    waiting(ADA)
    fields = {"name": "Corp", "enabled": True, "client_id": "any", "issuer": "https://corp.example"}
    fields |= {"require_for_domains": ["maths.example"], "trusted_domains": ["maths.example"]}
    administration.create("corp", "oidc", "any secret", fields, "ops.example")
    assert enter().status == 403
    assert old.questions() == []


@pytest.mark.slow
def test_an_old_system_that_is_slow_is_not_waited_for(aws, capsys):
    waiting(ADA)
    keep_secret(aws, SECRET)
    with misbehaving(lambda _, over: over.wait(5)) as url, asked_first(url, kind="endpoint", seconds=0.5):
        assert enter().status == 401
    assert '"reason":"timed out","is_down":true' in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("answer", ["a redirect", "a long answer", "no JSON"])
def test_an_answer_that_is_none_is_no(aws, old, answer):
    waiting(ADA)
    bodies = {
        "a long answer": b'{"valid": true, "person": {"name": "' + b"x" * 70_000 + b'"}}',
        "no JSON": b"<p>yes",
    }
    old.receiver.answering = lambda _: None
    old.receiver.body = bodies.get(answer, b'{"valid": true}')
    if answer == "a redirect":
        old.receiver.status, old.receiver.headers = 307, {"Location": f"{old.receiver.url}/yes"}
    assert enter().status == 401
    assert len(old.questions()) == 1
