"""Files of people, from the upload to the report."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math

import pytest

from chalicelib.core.aws import telemetry
from chalicelib.imports.chunk import import_chunk
from chalicelib.imports.finish import finish_import
from chalicelib.imports.plan import plan_import
from chalicelib.imports.uploads import receive_uploads
from chalicelib.jobs import jobs
from tests.environment import REGION
from tests.functional.importing import CHUNK, StateMachines, people, wide

HASH = "$argon2id$v=19$m=19456,t=2,p=1$YWFhYWFhYWFhYWFhYWFhYQ$YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE"


def array(*rows: object) -> bytes:
    texts = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
    return b"[\n" + b",\n".join(texts) + b"\n]"


def some_people(count: int) -> list[dict]:
    return [
        {"email": f"p{number}@example.com", "name": f"Person {number}", "age": number % 90}
        for number in range(count)
    ]


def counts(job: dict) -> dict[str, int]:
    return {name: count for name, count in job["counts"].items() if count}


FULL = {
    "id": "ann-1",
    "email": "Ann@Example.com",
    "email_verified": True,
    "name": "Ann Ünal",
    "birthdate": "1990-02-03",
    "locale": "de",
    "attributes": {"team": "blue"},
    "metadata": {"plan": 7},
    "password_hash": HASH,
}


@pytest.mark.slow
@pytest.mark.peers
def test_a_file_becomes_people(state_machines, aws):
    job = state_machines.drop(array(FULL, {"name": "Bea", "age": 7}, {"email": "c@example.com"}))
    assert (job["status"], counts(job)) == ("finished", {"rows": 3, "created": 3})
    assert (job["format"], job["rows"], job["chunks"], job["content"]) == ("JSON array", 3, 1, "users")
    ann = people(aws)["Ann@example.com"]
    assert {name: ann[name] for name in FULL if name in ann} == {
        **{name: value for name, value in FULL.items() if name != "password_hash"},
        "email": "Ann@example.com",
    }
    assert (ann["age"], ann["source"], ann["import_job"], ann["roles"]) == (36, "import", job["id"], [])
    credentials = {row["id"]: row for row in aws.rows("credentials")}
    assert credentials["email#ann@example.com"]["user_id"] == "ann-1"
    assert credentials["password#ann-1"]["hash"] == HASH
    assert people(aws)["c@example.com"]["id"][:10] == job["id"][:10]
    assert len(people(aws)["Bea"]["id"]) == 26


@pytest.mark.slow
def test_the_formats_give_the_same_people(state_machines, aws):
    rows = [{"name": "Ann", "age": 42, "attributes": {"a": [1]}}, {"name": "=Bea"}]
    first = state_machines.drop(array(*rows))
    lines = b"\n".join(json.dumps(row).encode() for row in rows)
    table = b'name,age,attributes\nAnn,42,"{""a"":[1]}"\n\'=Bea,,\n'
    for data in (lines, b"\xef\xbb\xbf" + table, gzip.compress(lines)):
        again = state_machines.drop(data)
        assert (again["status"], counts(again)) == ("finished", {"rows": 2, "unchanged": 2})
    assert counts(first) == {"rows": 2, "created": 2}
    assert people(aws).keys() == {"Ann", "=Bea"}


BAD_ROWS = [
    ({"email": "nowhere", "name": "A"}, "email", "is not an email address"),
    ({"name": "A", "age": -1}, "age", "must be a whole number from 0 to 150"),
    ({"name": "A", "age": "12"}, "age", "must be a whole number from 0 to 150"),
    ({"name": ""}, "name", "must have 1 to 200 characters"),
    ({"name": "A", "birthdate": "1200-01-01"}, "birthdate", "lies more than 150 years back"),
    ({"name": "A", "colour": "red"}, "colour", "is no column of people"),
    ({"name": "A", "x\n\u202e=1": 1}, "x??=1", "is no column of people"),
    ({"id": "a/b"}, "id", "must be 1 to 128"),
    ({}, "(row)", "names nobody"),
    ({"name": "A", "roles": ["admin"]}, "roles", "is applied by privileged imports only"),
    ({"name": "A", "status": "disabled"}, "status", "is applied by privileged imports only"),
    ({"email": "d@example.com", "password_hash": "$2b$12$x"}, "password_hash", "is not a bcrypt hash"),
    ({"email": "d@example.com", "password_hash": HASH.replace("19456", "999999")}, "password_hash", "asks for more"),
    ({"name": "A", "password_hash": HASH}, "password_hash", "needs an email"),
    (7, "(row)", "is not a JSON object"),
    ("text", "(row)", "is not a JSON object"),
    ({"name": "x" * 110_000}, "(row)", "has 110,012 bytes, more than 102,400"),
]  # fmt: skip


@pytest.mark.slow
def test_every_bad_row_is_reported_and_every_good_one_imported(state_machines, aws):
    rows = [row for bad, *_ in BAD_ROWS for row in (bad, {"name": f"Good {len(json.dumps(bad))} {bad!r:.20}"})]
    job = state_machines.drop(array(*rows))
    assert job["status"] == "finished"
    assert job["counts"]["failed"] == len(BAD_ROWS)
    assert len(people(aws)) == job["counts"]["created"] == len(BAD_ROWS)
    told = state_machines.errors(job)
    assert len(told) == len(BAD_ROWS)
    for (line, field, reason), (number, (_, meant, why)) in zip(told, enumerate(BAD_ROWS), strict=True):
        assert (line, field) == (2 + 2 * number, meant)
        assert reason.startswith(why)


@pytest.mark.slow
def test_a_report_names_everything_wrong_with_a_row_and_shows_the_row_less_its_secrets(state_machines, aws):
    row = {"email": "nowhere", "age": "old", "name": 7, "x": "secret-1", "password_hash": "secret-2"}
    job = state_machines.drop(array({**row, "totp_secret": "secret-0"}, {"name": "Good"}))
    assert [field for _, field, _ in state_machines.errors(job)] == [
        "age", "email", "name", "password_hash", "totp_secret", "x",
    ]  # fmt: skip
    (told,) = state_machines.report(job)
    assert {name: told[name] for name in told if name != "_errors"} == {
        "_ref": "row 1.1",
        "_line": 2,
        "email": "nowhere",
        "name": 7,
        "age": "old",
    }
    table = aws.objects("work")[job["report"]["csv"]].decode()
    header, first, *_ = csv.reader(io.StringIO(table))
    assert dict(zip(header, first, strict=True)) | {"_errors": ""} == {
        **dict.fromkeys(header, ""),
        "_ref": "row 1.1",
        "_line": "2",
        "email": "nowhere",
        "name": "7",
        "age": "old",
    }
    assert "email: is not an email address; name: must be text" in first[2]
    assert "secret-" not in table + json.dumps(told)


@pytest.mark.slow
def test_formulas_in_a_report_are_defused(state_machines, aws):
    job = state_machines.drop(array({"name": "A", "=1+1": 1}, {"name": "Good"}))
    assert b"row 1.1,2,'=1+1: is no column of people" in aws.objects("work")[job["report"]["csv"]]


@pytest.mark.slow
def test_the_same_person_twice_in_a_file_is_an_error_of_the_later_row(state_machines, aws):
    job = state_machines.drop(
        array(
            {"email": "ann@example.com", "name": "first"},
            {"email": "ANN@EXAMPLE.COM", "name": "second"},
            {"id": "b", "name": "first"},
            {"id": "b", "name": "second"},
            {"name": "same"},
            {"name": "same"},
        )
    )
    assert {person["name"] for person in people(aws).values()} == {"first", "same"}
    assert state_machines.errors(job) == [
        (3, "email", "is that of line 2 too"),
        (5, "id", "is that of line 4 too"),
        (7, "(row)", "says the same as line 6"),
    ]


@pytest.mark.slow
def test_the_same_person_in_two_chunks_is_an_error_of_one_row(state_machines, aws):
    rows = [{"name": "same"}, *some_people(CHUNK - 1), {"name": "same"}, {"email": "P7@example.com"}]
    job = state_machines.drop(array(*map(wide, rows)))
    assert job["chunks"] == 2
    assert counts(job) == {"rows": CHUNK + 2, "created": CHUNK, "failed": 2}
    assert state_machines.errors(job) == [
        (CHUNK + 2, "(row)", "says the same as another row"),
        (CHUNK + 3, "email", "exists already"),
    ]


@pytest.mark.slow
def test_create_reports_who_exists_and_changes_nobody(state_machines, aws):
    rows = [{"email": "ann@example.com", "name": "Ann"}, {"id": "b", "name": "Bea"}, {"name": "Cem"}]
    state_machines.drop(array(*rows))
    before = aws.rows("users")
    job = state_machines.drop(array(*({**row, "name": row["name"]} for row in rows)))
    assert counts(job) == {"rows": 3, "unchanged": 1, "failed": 2}
    assert state_machines.errors(job) == [(2, "email", "exists already"), (3, "id", "exists already")]
    assert aws.rows("users") == before


@pytest.mark.slow
def test_upsert_changes_what_differs_and_never_an_address_or_a_credential_of_ours(state_machines, aws):
    state_machines.drop(
        array(
            FULL,
            {"email": "b@example.com", "name": "Bea"},
            {"id": "c", "name": "Cem", "age": 3},
            {"email": "f@example.com"},
        )
    )
    job = state_machines.drop(
        array(
            {**FULL, "name": "Anna", "email_verified": False, "password_hash": HASH.replace("YWFh", "YmJi")},
            {"email": "B@example.com", "name": "Bea"},
            {"id": "c", "email": "new@example.com", "age": 4},
            {"email": "d@example.com", "name": "Dov"},
            {"id": "e", "email": "f@example.com"},
        ),
        mode="upsert",
    )
    assert counts(job) == {"rows": 5, "created": 1, "updated": 2, "unchanged": 1, "failed": 1}
    assert state_machines.errors(job) == [(6, "email", "belongs to someone with another id")]
    ann = people(aws)["Ann@example.com"]
    assert (ann["name"], ann["name_key"], ann["email_verified"], ann["version"]) == ("Anna", "anna#ann-1", True, 2)
    assert (ann["attributes"], ann["import_job"]) == ({"team": "blue"}, job["id"])
    cem = people(aws)["Cem"]
    assert (cem["age"], cem.get("email")) == (4, None)
    assert {row["hash"] for row in aws.rows("credentials") if "hash" in row} == {HASH}
    assert "email#new@example.com" not in {row["id"] for row in aws.rows("credentials")}


@pytest.mark.slow
def test_upsert_of_the_same_file_changes_nothing(state_machines, aws):
    rows = [FULL, *some_people(9), {"name": "Bea"}]
    state_machines.drop(array(*rows))
    before = aws.rows("users")
    job = state_machines.drop(array(*rows), mode="upsert")
    assert counts(job) == {"rows": 11, "unchanged": 11}
    assert aws.rows("users") == before


@pytest.mark.slow
def test_two_rows_about_one_person_are_not_both_applied(state_machines, aws):
    state_machines.drop(array({"id": "a", "email": "ann@example.com", "name": "Ann"}))
    job = state_machines.drop(
        array({"id": "a", "name": "Anna"}, {"email": "ann@example.com", "name": "Anne"}), mode="upsert"
    )
    assert state_machines.errors(job) == [(3, "email", "is of the person of line 2")]
    assert people(aws)["ann@example.com"]["name"] == "Anna"


@pytest.mark.slow
def test_a_trial_says_what_would_happen_and_writes_nobody(state_machines, aws):
    state_machines.drop(array({"id": "a", "email": "ann@example.com", "name": "Ann"}, {"name": "Bea"}))
    before = (aws.rows("users"), aws.rows("credentials"))
    file = array(
        {"email": "ann@example.com", "name": "Anna"},
        {"name": "Bea"},
        {"email": "new@example.com"},
        {"name": "Bad", "age": -1},
        {"id": "new", "email": "ANN@example.com"},
    )
    expected = {"create": {"created": 1, "unchanged": 1, "failed": 3}}
    expected["upsert"] = {"created": 1, "updated": 1, "unchanged": 1, "failed": 2}
    for mode, outcome in expected.items():
        trial = state_machines.drop(file, mode=mode, dry_run="true")
        assert (trial["status"], counts(trial)) == ("finished", {"rows": 5, **outcome})
        assert (aws.rows("users"), aws.rows("credentials")) == before
    assert counts(state_machines.drop(file, mode="upsert")) == {"rows": 5, **expected["upsert"]}


@pytest.mark.slow
def test_the_ids_of_the_deleted_are_errors(state_machines, aws):
    state_machines.drop(array({"id": "a", "name": "Ann"}))
    (person,) = aws.rows("users")
    aws.put("users", {"id": "a", "schema": 1, "version": 2, "deleted_at": "2026-03-01T12:00:00.000Z"})
    for mode in ("create", "upsert"):
        job = state_machines.drop(array({"id": "a", "name": "Ann"}), mode=mode)
        assert state_machines.errors(job) == [(2, "id", "belongs to someone who was deleted")]
    assert person["id"] == "a"


REFUSED = [
    (b"PK\x03\x04rest", {}, "the file is a zip archive"),
    (b"", {}, "the file is empty"),
    (b'[{"name": "Ann"}', {}, "the file ends within record 1"),
    (b"[]", {"mode": "merge"}, "rollcall-mode must be create or upsert"),
    (b"[]", {"dry_run": "perhaps"}, "rollcall-dry-run must be true or false"),
    (b"[]", {"privileged": "true"}, "unknown metadata: rollcall-privileged"),
]


@pytest.mark.slow
def test_a_file_that_cannot_be_imported_fails_its_job_with_the_reason(state_machines, aws):
    for data, metadata, why in REFUSED:
        job = state_machines.drop(data, **metadata)
        assert job["status"] == "failed"
        assert job["reason"].startswith(why)
    assert aws.rows("users") == []


def test_a_plan_says_what_was_refused_and_says_it_again(state_machines, aws):
    receive_uploads({"Records": [state_machines.upload(b"nonsense")]})
    given = state_machines.waiting()
    plan = plan_import(given)
    assert (plan["chunks"], state_machines.manifest(plan)) == (0, [])
    assert plan["refused"] == jobs().get(given["job"])["reason"]
    assert plan_import(given) == plan
    assert finish_import(given) == {"job": given["job"], "status": "failed"}


@pytest.mark.slow
def test_a_file_that_is_gone_or_too_large_is_refused(state_machines, aws):
    receive_uploads({"Records": [state_machines.upload(b"[]")]})
    given = state_machines.waiting()
    bucket, key, version = given["bucket"], given["key"], given["version"]
    aws.session.client("s3", region_name=REGION).delete_object(Bucket=bucket, Key=key, VersionId=version)
    plan = plan_import(given)
    assert plan["refused"] == "the file is not there any more, or this stage may not read it (AccessDenied)"


def test_an_empty_array_is_a_file_of_nobody(state_machines):
    job = state_machines.drop(b"[]")
    assert (job["status"], job["chunks"], counts(job)) == ("finished", 0, {})


@pytest.mark.slow
def test_a_failed_step_fails_the_job_and_keeps_what_was_done(state_machines, aws):
    receive_uploads({"Records": [state_machines.upload(array(*map(wide, some_people(CHUNK + 1))))]})
    given = state_machines.waiting()
    import_chunk(state_machines.manifest(plan_import(given))[0])
    finish_import({**given, "error": {"Error": "Lambda.Unknown", "Cause": '{"row": "secret"}'}})
    job = jobs().get(given["job"])
    assert (job["status"], counts(job)) == ("failed", {"rows": CHUNK, "created": CHUNK})
    assert job["reason"].startswith("a step failed for good (Lambda.Unknown)")
    assert "secret" not in json.dumps(job)
    assert len(people(aws)) == CHUNK


@pytest.mark.slow
def test_an_import_that_lacks_a_chunk_is_not_finished(state_machines):
    receive_uploads({"Records": [state_machines.upload(array(*map(wide, some_people(CHUNK + 1))))]})
    given = state_machines.waiting()
    import_chunk(state_machines.manifest(plan_import(given))[1])
    finish_import(given)
    assert jobs().get(given["job"])["reason"].startswith("1 of 2 chunks were not done")


def calls_of_chunk(
    state_machines: StateMachines, rows: list[dict], **options: str
) -> tuple[list[str], dict[str, int]]:
    """The AWS calls of the one chunk that these rows are, and its counts."""
    receive_uploads({"Records": [state_machines.upload(array(*rows), **options)]})
    given = state_machines.waiting()
    (entry,) = state_machines.manifest(plan_import(given))
    with telemetry.recording() as calls:
        outcome = import_chunk(entry)
    return sorted(calls.names), outcome["counts"]


@pytest.mark.slow
def test_a_chunk_costs_no_more_calls_than_transactions_force(state_machines):
    calls, _ = calls_of_chunk(state_machines, some_people(51))
    assert calls == ["GetObject", "PutItem", *["TransactWriteItems"] * math.ceil(51 / 50)]
    calls, found = calls_of_chunk(state_machines, some_people(55))
    assert found["created"] == 4
    assert len(calls) <= 2 + 2 * math.ceil(55 / 50)


@pytest.mark.slow
@pytest.mark.peers
def test_an_upsert_reads_people_by_the_hundred(state_machines):
    state_machines.drop(array(*some_people(51)))
    calls, found = calls_of_chunk(
        state_machines, [{**row, "name": "New"} for row in some_people(51)], mode="upsert"
    )
    assert found["updated"] == 51
    assert calls.count("BatchGetItem") == math.ceil(51 / 100)
    assert calls.count("TransactWriteItems") == math.ceil(51 / 50) + math.ceil(51 / 100)
    assert len(calls) == 2 + 1 + 3


@pytest.mark.slow
def test_items_are_imported_from_their_own_folder(state_machines, aws):
    rows = [
        {"user_id": "U1", "item_id": "W1", "item_key": "k", "item_value": 1, "at": "2026-03-01T11:00:00Z"},
        {"user_id": "U1", "item_id": "W2", "item_key": "k", "item_value": [2], "at": "2026-03-01T11:00:01Z"},
        {"user_id": "U1", "item_id": "W3", "item_key": "k", "item_value": 3, "at": "later", "colour": 1},
        {"user_id": "U1", "item_id": "W4", "item_key": "", "item_value": 3, "at": "later"},
        {"user_id": "U2", "item_id": "W5", "item_key": "k", "item_value": {"a": 1}, "at": "2026-03-01T11:00:00Z"},
    ]
    trial = state_machines.drop(array(*rows), "items/some.json", dry_run="true")
    assert (counts(trial), aws.rows("items")) == ({"rows": 5, "created": 3, "failed": 2}, [])
    job = state_machines.drop(array(*rows), "items/some.json")
    assert job["counts"]["failed"] == 2
    assert [(line, field) for line, field, _ in state_machines.errors(job)] == [
        (4, "colour"),
        (5, "at"),
        (5, "item_key"),
    ]
    assert {(row["user_id"], row["value"]) for row in aws.rows("items")} == {("U1", "[2]"), ("U2", '{"a":1}')}
