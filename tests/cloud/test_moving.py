"""Moving in with the files of another system and out again, through the deployed stage."""

from __future__ import annotations

import json
import random
import time
import urllib.request

import pyotp

from tests.cloud.people import PASSWORD, register
from tests.cloud.stage import eventually
from tests.functional.vendor_files import FILES, FIREBASE_PASSWORD, HASH_CONFIG, TOTP
from tools import cloud


def ended(api, path):
    """The job, once it has ended."""

    def look():
        job = api.call("GET", path).body
        return job if job["status"] in {"finished", "failed"} else None

    return eventually(look, f"the end of {path}", seconds=90)


def proved_administrator(deployed, email):
    """An administrator who has just signed in with a second factor."""
    person = register(deployed, email)
    secret = person.call("POST", "/me/totp").body["secret"]
    assert person.call("POST", "/me/totp/confirm", {"otp": pyotp.TOTP(secret).now()}).status == 204
    user_id = person.call("GET", "/me").body["id"]
    assert deployed.strong_admin.call("PUT", f"/users/{user_id}/roles", {"roles": ["admin"]}).status == 200
    otp = pyotp.TOTP(secret).at(time.time(), counter_offset=1)
    answer = deployed.anyone.call("POST", "/sessions", {"email": email, "password": PASSWORD, "otp": otp})
    assert answer.status == 201, answer.body
    return user_id, type(person)(person.url, answer.body["access_token"], person.host)


def test_people_of_firebase_move_in_by_a_secret_of_the_stage_and_sign_in(deployed):
    name = deployed.stage.names.of("firebase-shop")
    cloud.client("secretsmanager").create_secret(Name=name, SecretString=json.dumps(HASH_CONFIG))
    deployed.drop("imports/firebase.csv", FILES["Firebase CSV"].data, **{"rollcall-firebase-project": "shop"})

    def look():
        jobs = deployed.admin.call("GET", "/imports?limit=200").body["items"]
        return next((job for job in jobs if job["source"] == "imports/firebase.csv" and job["ended_at"]), None)

    job = eventually(look, "the import of Firebase's file", seconds=90)
    assert (job["status"], job["format"], job["counts"]["created"]) == ("finished", "Firebase, CSV", 2)
    deployed.anyone.signed_in("user1@example.com", FIREBASE_PASSWORD)
    eventually(
        lambda: (
            "legacy_hashes" in (found := deployed.admin.call("GET", "/insights").body)
            and not found["legacy_hashes"]
        ),
        "statistics without an old hash",
    )


def test_refused_rows_are_mended_and_everybody_leaves_with_their_secrets(deployed):
    user_id, api = proved_administrator(deployed, "mover@example.com")
    noise = random.Random(1)
    rows = [
        {
            "email": f"moving{n}@example.org",
            "age": -1,
            "attributes": {"noise": noise.randbytes(900).hex()},
            "totp_secret": TOTP,
        }
        for n in range(60)
    ]
    made = api.call("POST", "/imports", {"privileged": True})
    assert made.status == 201, made.body
    deployed.post_form(made.body["upload"], json.dumps(rows).encode())
    job = ended(api, f"/imports/{made.body['id']}")
    assert job["counts"]["failed"] == 60
    errors = api.call("GET", f"/imports/{job['id']}/errors").body["items"]
    assert [error["field"] for error in errors] == ["age"] * 60
    mended = [{**error["row"], "age": 77, "roles": ["moved"]} for error in errors]
    assert api.call("POST", f"/imports/{job['id']}/retry", {"rows": mended}).status == 202

    def taken():
        counts = api.call("GET", f"/imports/{job['id']}").body["counts"]
        return counts if counts["created"] else None

    assert eventually(taken, "the retry", seconds=90) == {
        "rows": 60, "created": 60, "updated": 0, "unchanged": 0, "failed": 0,
    }  # fmt: skip
    begun = api.call("POST", "/exports", {"format": "keycloak", "credentials": True, "role": "moved"})
    assert begun.status == 202, begun.body
    export = ended(api, f"/exports/{begun.body['id']}")
    with urllib.request.urlopen(export["link"], timeout=30) as answer:
        people = json.load(answer)["users"]
    assert len(people) == export["counts"]["rows"] == 60
    assert {json.loads(person["credentials"][0]["secretData"])["value"] for person in people} == {TOTP}
    assert export["left_out"] == []
    assert deployed.admin.call("GET", f"/exports/{export['id']}").body["link"] is None
    assert deployed.admin.call("PUT", f"/users/{user_id}/roles", {"roles": []}).status == 200


def test_a_privileged_file_ends_another_administrator_and_not_the_one_who_sent_it(deployed):
    user_id, api = proved_administrator(deployed, "stays@example.com")
    other = register(deployed, "goes@example.com")
    other_id = other.call("GET", "/me").body["id"]
    assert api.call("PUT", f"/users/{other_id}/roles", {"roles": ["admin"]}).status == 200
    assert other.call("GET", "/imports").status == 200
    made = api.call("POST", "/imports", {"privileged": True, "mode": "upsert"})
    assert made.status == 201, made.body
    rows = [{"id": user_id, "roles": []}, {"id": other_id, "roles": []}]
    deployed.post_form(made.body["upload"], json.dumps(rows).encode())
    counts = ended(api, f"/imports/{made.body['id']}")["counts"]
    assert (counts["updated"], counts["failed"]) == (1, 1)
    assert other.call("GET", "/imports").status == 403
    assert api.call("GET", "/imports").status == 200
    assert deployed.admin.call("PUT", f"/users/{user_id}/roles", {"roles": []}).status == 200
