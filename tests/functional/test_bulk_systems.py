"""Files of other systems, from the upload to the sign-in with the old password."""

from __future__ import annotations

import gzip
import json

import pyotp
import pytest

from chalicelib.accounts import removal
from chalicelib.core import clock
from chalicelib.events.publishing import publish_changes
from chalicelib.insights.counting import count_events
from chalicelib.insights.routes import routes as insights
from tests.cloudlike import topic_messages
from tests.functional.apps import ApiClient
from tests.functional.importing import Machines
from tests.functional.serial import one_call_at_a_time
from tests.functional.streams import stream_event
from tests.functional.vendor_files import BCRYPT_PASSWORD, FILES, HASH_CONFIG, TOTP
from tests.functional.visitors import Visitor


@pytest.fixture
def machines(aws, held_clock):
    secrets = aws.session.client("secretsmanager")
    secrets.create_secret(Name="rollcall-test-firebase-shop", SecretString=json.dumps(HASH_CONFIG))
    secrets.create_secret(
        Name="rollcall-test-firebase-torn", SecretString=json.dumps({**HASH_CONFIG, "rounds": 9})
    )
    with one_call_at_a_time():
        yield Machines(aws)
    secrets.delete_secret(SecretId="rollcall-test-firebase-shop", ForceDeleteWithoutRecovery=True)
    secrets.delete_secret(SecretId="rollcall-test-firebase-torn", ForceDeleteWithoutRecovery=True)


def everybody(aws) -> dict[str, dict]:
    return {row.get("email") or row["id"]: row for row in aws.rows("users")}


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_a_file_goes_in_whole_and_its_people_sign_in(machines, aws, name):
    file = FILES[name]
    job = machines.drop(file.data, **file.options)
    assert (job["status"], job.get("reason"), job["format"]) == ("finished", None, file.format)
    assert job["counts"]["failed"] == 0, machines.errors(job)
    found = everybody(aws)
    assert found.keys() == {email.replace("Contoso", "contoso") for email in file.people}
    for email, fields in file.people.items():
        assert {field: found[email].get(field) for field in fields} == fields
    for email, password in file.passwords.items():
        assert Visitor().enter(email, f"{password}x").status == 401
        answer = Visitor().enter(email, password)
        if email in file.totp:
            assert (answer.status, answer.body["factors"]) == (401, ["totp"])
            body = {"email": email, "password": password, "otp": pyotp.TOTP(TOTP).at(clock.epoch())}
            answer = Visitor().call("POST", "/sessions", body)
        assert answer.status == 201, (email, answer.body)
    assert [person["id"] for person in aws.rows("users") if "legacy_hash" in person] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_a_file_in_any_wrapping_says_the_same(machines, aws, name):
    file = FILES[name]
    wrapped = gzip.compress(b"\xef\xbb\xbf" + file.data.replace(b"\n", b"\r\n"))
    trial = machines.drop(wrapped, dry_run="true", **file.options)
    assert trial["format"] == f"{file.format}, gzipped"
    assert trial["counts"]["created"] == trial["counts"]["rows"] == len(file.people), machines.errors(trial)
    assert aws.rows("users") == []
    assert [row["_outcome"] for row in machines.report(trial)] == ["created"] * len(file.people)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Auth0", "Cognito", "Firebase CSV", "Kratos list"])
def test_a_file_that_is_sent_again_creates_nobody_twice(machines, aws, name):
    file = FILES[name]
    machines.drop(file.data, **file.options)
    before = aws.rows("users")
    again = machines.drop(file.data, mode="upsert", **file.options)
    assert again["counts"] == {
        "rows": len(file.people), "created": 0, "updated": 0, "unchanged": len(file.people), "failed": 0,
    }  # fmt: skip
    assert aws.rows("users") == before


@pytest.mark.slow
def test_hashes_of_firebase_need_their_project(machines, aws):
    job = machines.drop(FILES["Firebase JSON"].data)
    assert machines.errors(job) == [
        (2, "passwordHash", "needs the project's parameters: name them by firebase_project")
    ]
    for project, why in (
        ("none", "there is no secret firebase-none of this stage"),
        ("torn", "the secret firebase-torn is not as Firebase's console shows it: rounds must be"),
        ("../app-keys", "firebase_project must be 1 to 40 lower-case letters"),
    ):
        job = machines.drop(FILES["Firebase JSON"].data, firebase_project=project)
        assert job["status"] == "failed"
        assert job["reason"].startswith(why)
    assert "jxspr8Ki" not in json.dumps(aws.rows("jobs"), default=str)


@pytest.mark.slow
def test_statistics_count_old_hashes_until_their_owners_sign_in_or_go(machines, aws, held_clock):
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

    machines.drop(FILES["Auth0"].data)
    assert told() == {"bcrypt": 1, "ldap": 1}
    Visitor().enter("john.doe@contoso.example", BCRYPT_PASSWORD)
    assert told() == {"ldap": 1}
    removal.remove(next(row for row in aws.rows("users") if row.get("legacy_hash") == "ldap"))
    assert told() == {}
