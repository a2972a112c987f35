"""Files of other systems, from the upload to the sign-in with the old password."""

from __future__ import annotations

import gzip
import json
from collections import Counter

import bcrypt
import pyotp
import pytest

from chalicelib.accounts import removal
from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.events.stream_changes import publish_changes
from chalicelib.imports.progress import of_import
from chalicelib.insights.counting import count_events
from chalicelib.insights.routes import insights
from tests.cloudlike import topic_messages
from tests.functional.apps import ApiClient
from tests.functional.faults import listening
from tests.functional.importing import StateMachines
from tests.functional.serial import one_call_at_a_time
from tests.functional.streams import stream_event
from tests.functional.vendor_files import BCRYPT, BCRYPT_PASSWORD, FILES, HASH_CONFIG
from tests.functional.vendor_samples import EVERY
from tests.functional.visitors import Visitor


@pytest.fixture
def state_machines(aws, held_clock):
    secrets = aws.session.client("secretsmanager")
    secrets.create_secret(Name="rollcall-test-firebase-shop", SecretString=json.dumps(HASH_CONFIG))
    secrets.create_secret(
        Name="rollcall-test-firebase-torn", SecretString=json.dumps({**HASH_CONFIG, "rounds": 9})
    )
    with one_call_at_a_time():
        yield StateMachines(aws)
    secrets.delete_secret(SecretId="rollcall-test-firebase-shop", ForceDeleteWithoutRecovery=True)
    secrets.delete_secret(SecretId="rollcall-test-firebase-torn", ForceDeleteWithoutRecovery=True)


def everybody(aws) -> dict[str, dict]:
    return {row.get("email") or row["id"]: row for row in aws.rows("users")}


@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY)
def test_a_file_goes_in_whole_and_its_people_sign_in(state_machines, aws, name):
    file = EVERY[name]
    job = state_machines.drop(file.data, **file.options)
    assert (job["status"], job.get("reason"), job["format"]) == ("finished", None, file.format)
    assert job["counts"]["failed"] == file.disabled, state_machines.errors(job)
    assert {field for _, field, _ in (state_machines.errors(job) if file.disabled else ())} <= {"status"}
    found = everybody(aws)
    assert found.keys() == {email.replace("Contoso", "contoso") for email in file.people}
    for email, fields in file.people.items():
        assert {field: found[email].get(field) for field in fields} == fields
    for email, password in file.passwords.items():
        assert Visitor().enter(email, f"{password}x").status == 401
        answer = Visitor().enter(email, password)
        if email in file.totp:
            assert (answer.status, answer.body["factors"]) == (401, ["totp"])
            body = {"email": email, "password": password, "otp": pyotp.TOTP(file.totp_secret).at(clock.epoch())}
            answer = Visitor().call("POST", "/sessions", body)
        assert answer.status == 201, (email, answer.body)
    assert [person["id"] for person in aws.rows("users") if "legacy_hash" in person] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY)
def test_a_file_in_any_wrapping_says_the_same(state_machines, aws, name):
    file = EVERY[name]
    wrapped = gzip.compress(b"\xef\xbb\xbf" + file.data.replace(b"\n", b"\r\n"))
    trial = state_machines.drop(wrapped, dry_run="true", **file.options)
    assert trial["format"] == f"{file.format}, gzipped"
    counts = {"created": len(file.people), "unchanged": file.nobodies, "failed": file.disabled}
    assert {name: trial["counts"][name] for name in counts} == counts, state_machines.errors(trial)
    assert aws.rows("users") == []
    outcomes = Counter(row["_outcome"] for row in state_machines.report(trial) if "_outcome" in row)
    assert outcomes == Counter({name: rows for name, rows in counts.items() if rows and name != "failed"})


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Auth0", "Cognito", "Firebase CSV", "Kratos list"])
def test_a_file_that_is_sent_again_creates_nobody_twice(state_machines, aws, name):
    file = FILES[name]
    state_machines.drop(file.data, **file.options)
    before = aws.rows("users")
    again = state_machines.drop(file.data, mode="upsert", **file.options)
    assert again["counts"] == {
        "rows": len(file.people), "created": 0, "updated": 0, "unchanged": len(file.people), "failed": 0,
    }  # fmt: skip
    assert aws.rows("users") == before


@pytest.mark.slow
def test_what_was_left_out_is_counted_in_a_trial_as_in_an_import(state_machines):
    rows = [
        {"user_id": f"auth0|{number}", "email": f"p{number}@example.com", "phone_number": "+1", "last_ip": "::1"}
        for number in range(3)
    ]
    rows[0] |= {"mfa_factors": [{"phone": {"value": "+1"}}], "last_ip": ""}
    rows[1] |= {"identities": [{"provider": "corp", "connection": "corp", "user_id": "7", "isSocial": True}]}
    data = json.dumps({"total": 3, "start": {"at": 0}, "users": rows}).encode()
    expected = {
        ("left_out", "identities.corp", 1),
        ("left_out", "identities.isSocial", 1),
        ("left_out", "last_ip", 2),
        ("left_out", "phone_number", 3),
        ("left_out", "second_factors.phone", 1),
        ("left_out", "start", 1),
    }
    for dry_run in ("true", "false"):
        watched = of_import(state_machines.drop(data, dry_run=dry_run))
        assert {(note["kind"], note["name"], note["rows"]) for note in watched["notes"]} == expected


@pytest.mark.slow
def test_a_trial_of_a_file_that_nobody_knows_suggests_a_mapping_which_an_import_then_takes(state_machines, aws):
    data = f"mail;full_name;pwd;plan\nann@example.com;Ann;{BCRYPT};gold\n".encode()
    refused = state_machines.drop(data)
    assert (refused["status"], refused["reason"][:28]) == ("failed", "unknown columns: pwd, plan; ")
    trial = state_machines.drop(data, dry_run="true")
    assert (trial["status"], trial["format"], trial["counts"]["created"]) == ("finished", "Mapped, CSV", 1)
    columns = trial["options"]["columns"]
    assert columns == {
        "mail": "email",
        "full_name": "name",
        "pwd": "password_hash",
        "*": "metadata.legacy.*",
    }
    job = state_machines.drop(data, columns=json.dumps(columns))
    assert (job["counts"]["created"], job["notes"]) == (1, {})
    assert everybody(aws)["ann@example.com"]["metadata"] == {"legacy": {"plan": "gold"}}
    assert Visitor().enter("ann@example.com", BCRYPT_PASSWORD).status == 201


def hashed_elsewhere(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()


@pytest.mark.slow
def test_an_upsert_brings_a_newer_password_to_who_has_not_signed_in_yet(state_machines, aws):
    def rows(password, **more):
        people = ("ann", "bea", "cem")
        return [
            {"email": f"{name}@example.com", "password_hash": hashed_elsewhere(f"{name} {password}"), **more}
            for name in people
        ]

    def drop(*lines, **options):
        return state_machines.drop("\n".join(map(json.dumps, lines)).encode(), **options)["counts"]

    drop(*rows("before"), {"email": "dov@example.com"})
    assert Visitor().enter("bea@example.com", "bea before").status == 201
    newer = [
        *rows("after")[:2],
        rows("before")[2] | {"name": "Cem"},
        {**rows("after")[0], "email": "dov@example.com"},
    ]
    newer[2]["password_hash"] = people_password(aws, "cem@example.com")
    assert drop(*newer, mode="upsert", dry_run="true")["updated"] == 2
    assert drop(*newer, mode="upsert") == {"rows": 4, "created": 0, "updated": 2, "unchanged": 2, "failed": 0}
    assert drop(*newer, mode="upsert")["unchanged"] == 4
    entered = {
        text: Visitor().enter(f"{text.partition(' ')[0]}@example.com", text).status
        for text in ("ann before", "ann after", "bea before", "bea after", "cem before")
    }
    assert entered == {"ann before": 401, "ann after": 201, "bea before": 201, "bea after": 401, "cem before": 201}
    assert "password#" + everybody(aws)["dov@example.com"]["id"] not in {
        row["id"] for row in aws.rows("credentials")
    }


@pytest.mark.slow
def test_who_signs_in_while_an_upsert_runs_keeps_the_password(state_machines, aws):
    def row(password):
        return {"email": "ann@example.com", "name": password, "password_hash": hashed_elsewhere(password)}

    state_machines.drop(json.dumps(row("the one before")).encode())
    signed_in = []

    def sign_in(**_):
        if not signed_in:
            signed_in.append(None)
            signed_in.append(Visitor().enter("ann@example.com", "the one before").status)

    event = "before-call.dynamodb.TransactWriteItems"
    with listening(clients.client("dynamodb"), event, at_the_second(sign_in)):
        job = state_machines.drop(json.dumps(row("the one after")).encode(), mode="upsert")
    assert (signed_in[1], job["counts"]["updated"]) == (201, 1)
    assert everybody(aws)["ann@example.com"]["name"] == "the one after"
    assert Visitor().enter("ann@example.com", "the one after").status == 401
    assert Visitor().enter("ann@example.com", "the one before").status == 201


def at_the_second(do):
    """A listener that does something the second time: the first transaction tries to create, the second changes."""
    calls = iter([lambda **_: None, do])

    def listen(**event):
        next(calls, lambda **_: None)(**event)

    return listen


def people_password(aws, email):
    (found,) = (row for row in aws.rows("credentials") if row["id"] == f"password#{everybody(aws)[email]['id']}")
    return found["hash"]


@pytest.mark.slow
def test_hashes_of_firebase_need_their_project(state_machines, aws):
    job = state_machines.drop(FILES["Firebase JSON"].data)
    assert state_machines.errors(job) == [
        (2, "passwordHash", "needs the project's parameters: name them by firebase_project")
    ]
    for project, why in (
        ("none", "the secret firebase-none of this stage is not there any more, or this stage may not read it"),
        ("torn", "the secret firebase-torn is not as Firebase's console shows it: rounds must be"),
        ("../app-keys", "firebase_project must be 1 to 40 lower-case letters"),
    ):
        job = state_machines.drop(FILES["Firebase JSON"].data, firebase_project=project)
        assert job["status"] == "failed"
        assert job["reason"].startswith(why)
    assert "jxspr8Ki" not in json.dumps(aws.rows("jobs"), default=str)


@pytest.mark.slow
def test_statistics_count_old_hashes_until_their_owners_sign_in_or_go(state_machines, aws, held_clock):
    topic_messages(aws, "insights")
    admin = ApiClient(insights)
    admin.sign_in("A1", "admin")
    seen: dict[str, dict] = {}

    def told() -> dict[str, int]:
        """What statistics say once the stream has told of every change since the last time."""
        now = {row["id"]: row for row in aws.rows("users")}
        changes = [(seen.get(key), row) for key, row in now.items() if seen.get(key) != row]
        publish_changes("users", stream_event("users", *changes))
        seen.update(now)
        count_events({"Records": aws.take("insights")})
        return admin.call("GET", "/insights").body["legacy_hashes"]

    state_machines.drop(FILES["Auth0"].data)
    assert told() == {"bcrypt": 1, "ldap": 1}
    Visitor().enter("john.doe@contoso.example", BCRYPT_PASSWORD)
    assert told() == {"ldap": 1}
    removal.remove(next(row for row in aws.rows("users") if row.get("legacy_hash") == "ldap"))
    assert told() == {}
