"""The decisions of an import: what a row says, who was there, and what follows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts import StoredParts
from chalicelib.imports.model import (
    FileRefused,
    Options,
    content_of,
    dropped_job_id,
    options_in,
    person_id,
    shown,
    upload_in,
)
from chalicelib.imports.rows.chunk_lines import Line
from chalicelib.imports.rows.outcome import ERRORS_PER_ROW, Outcome, RowError
from chalicelib.imports.rows.person_row import Candidate, candidates_in, without_duplicates
from chalicelib.imports.rows.reading import read
from chalicelib.imports.rows.verdicts import (
    DELETED,
    UpsertTarget,
    changes_of,
    judge,
)
from chalicelib.imports.systems import SystemOptions
from chalicelib.imports.upload_forms import fits, new_form

JOB = "01KJMMA2G0KD8PM2V0XHKZ8CQ3"
OTHER = "01KJMMA2G0KD8PM2V0XHKZ8CQ4"


def candidate(text: bytes, number: int = 7) -> Candidate:
    (reading,) = read([Line(number, number + 1, "", text)], "users", 1, "Rollcall", SystemOptions())
    (made,) = candidates_in([reading], JOB, "", Options(), lambda fields: f"content-{fields['name']}")
    assert isinstance(made, Candidate), made
    return made


@pytest.fixture(autouse=True)
def _held(held_clock):
    pass


GIVEN = b'{"id": "a", "email": "ann@example.com", "name": "Ann"}'
BY_ROW = b'{"email": "ann@example.com", "name": "Ann"}'
BY_CONTENT = b'{"name": "Ann"}'


def test_ids_come_from_the_row_the_job_or_what_the_row_says():
    assert (candidate(GIVEN).id, candidate(GIVEN).origin) == ("a", "given")
    by_row = candidate(BY_ROW)
    assert (by_row.id, by_row.origin) == (person_id(JOB, 7), "row")
    assert by_row.id[:10] == JOB[:10]
    assert len({person_id(JOB, 7), person_id(JOB, 8), person_id(OTHER, 7)}) == 3
    assert (candidate(BY_CONTENT).id, candidate(BY_CONTENT).origin) == ("content-Ann", "content")


DJANGO = "bcrypt_sha256$$2b$04$I/fWhNftRVrGTlFGANOBheZlM3kEe4rWu4u/uMndTFliIACiHiCuO"


def test_a_hash_in_the_spelling_of_another_system_is_stored_in_ours():
    made = candidate(json.dumps({"email": "ann@example.com", "password_hash": DJANGO}).encode())
    assert made.password_hash == DJANGO.replace("bcrypt_sha256$", "$bcrypt-sha256-hex")
    assert made.person["legacy_hash"] == "bcrypt-digest"


def test_a_mark_of_no_password_brings_a_person_without_one():
    for row in ({"email": "ann@example.com"}, {"name": "Ann"}):
        made = candidate(
            json.dumps({**row, "password_hash": "!E0NPGEJIom97W5fPij9RTdKhMqvUFNUCGaTEqVUu"}).encode()
        )
        assert (made.password_hash, made.person.get("legacy_hash")) == (None, None)


def someone(person_id: str, job: str = OTHER, row: int = 1, run: str = "", **more: object) -> dict:
    return {"id": person_id, "import_job": job, "import_row": f"{row}#{run}", "version": 1, **more}


MINE = person_id(JOB, 7)


@pytest.mark.parametrize(
    ("text", "found", "create", "upsert"),
    [
        # This very row did it, in a run that was killed.
        (GIVEN, StoredParts(someone("a", JOB, 7), {"user_id": "a"}), "created", "created"),
        (BY_ROW, StoredParts(someone(MINE, JOB, 7), {"user_id": MINE}), "created", "created"),
        (BY_CONTENT, StoredParts(someone("content-Ann", JOB, 7)), "created", "created"),
        # This row did it, in another run of the job.
        (GIVEN, StoredParts(someone("a", JOB, 7, OTHER), {"user_id": "a"}), "unchanged", "unchanged"),
        (BY_ROW, StoredParts(someone(MINE, JOB, 7, OTHER), {"user_id": MINE}), "unchanged", "unchanged"),
        (BY_CONTENT, StoredParts(someone("content-Ann", JOB, 7, OTHER)), "unchanged", "unchanged"),
        # Another file did, or a person.
        (GIVEN, StoredParts(someone("a"), {"user_id": "a"}), ("id", "exists already"), "a"),
        (GIVEN, StoredParts(someone("a")), ("id", "exists already"), "a"),
        (BY_ROW, StoredParts(None, {"user_id": "b"}), ("email", "exists already"), "b"),
        (BY_CONTENT, StoredParts(someone("content-Ann")), "unchanged", "unchanged"),
        # The id and the address are of two people.
        (GIVEN, StoredParts(None, {"user_id": "b"}), *[("email", "belongs to someone with another id")] * 2),
        (GIVEN, StoredParts(someone("a"), {"user_id": "b"}), *[("email", "belongs to someone with another id")] * 2),
        # Another row of this file did.
        (BY_CONTENT, StoredParts(someone("content-Ann", JOB, 8)), *[("(row)", "says the same as another row")] * 2),
        (GIVEN, StoredParts(someone("a", JOB, 8), {"user_id": "a"}), ("id", "exists already"), "a"),
        # They were deleted.
        (GIVEN, StoredParts({"id": "a", "deleted_at": "x"}), *[("id", DELETED)] * 2),
        (BY_CONTENT, StoredParts({"id": "content-Ann", "deleted_at": "x"}), *[("id", DELETED)] * 2),
        # A password without anybody.
        (GIVEN, StoredParts(), *[("id", "has a password already, but nobody bears it")] * 2),
    ],
)  # fmt: skip
def test_who_was_found_decides_what_becomes_of_a_row(text, found, create, upsert):
    for mode, expected in (("create", create), ("upsert", upsert)):
        verdict = judge(candidate(text), found, JOB, mode)
        if isinstance(verdict, UpsertTarget):
            assert verdict.user_id == expected
        elif isinstance(verdict, RowError):
            assert (verdict.line, verdict.field, verdict.reason) == (8, *expected)
        else:
            assert verdict == expected


def test_an_upsert_changes_what_the_row_gives_and_what_follows_from_it():
    person = candidate(b'{"id": "a", "name": "Ann", "age": 7, "locale": "de", "attributes": {"a": 1}}').person
    assert changes_of(person, candidate(b'{"id": "a", "name": "Ann", "age": 7}')) == {}
    assert changes_of(person, candidate(b'{"id": "a", "email": "new@example.com", "email_verified": true}')) == {}
    assert changes_of(person, candidate(b'{"id": "a", "attributes": {"b": 2}}')) == {"attributes": {"b": 2}}
    assert changes_of(person, candidate(b'{"id": "a", "name": "Bea"}')) == {
        "name": "Bea",
        "name_key": "bea#a",
        "name_prefix": "be",
    }
    assert changes_of(person, candidate(b'{"id": "a", "birthdate": "1990-02-03", "age": 1}')) == {
        "birthdate": "1990-02-03",
        "birthday": "02-03",
        "age": 36,
    }


def test_the_first_row_that_names_a_person_is_kept():
    rows = [
        candidate(b'{"id": "a", "email": "ann@example.com"}', 1),
        candidate(b'{"email": "ANN@example.com"}', 2),
        candidate(b'{"id": "a"}', 3),
        candidate(BY_CONTENT, 4),
        candidate(BY_CONTENT, 5),
    ]
    kept, refused = without_duplicates(rows)
    assert [row.number for row in kept] == [1, 4]
    assert [row.number for row, _ in refused] == [2, 3, 5]
    assert [error for _, error in refused] == [
        (3, "email", "is that of line 2 too"),
        (4, "id", "is that of line 2 too"),
        (6, "(row)", "says the same as line 5"),
    ]


@pytest.mark.parametrize(
    ("metadata", "options"),
    [
        ({}, Options()),
        ({"other": "x", "rollcall-mode": " Upsert "}, Options("upsert")),
        ({"rollcall-dry-run": "true"}, Options(dry_run=True)),
        (
            {"rollcall-firebase-project": "shop", "rollcall-kratos-email": "a.B"},
            Options(firebase_project="shop", kratos_email="a.B"),
        ),
    ],
)
def test_metadata_holds_options(metadata, options):
    assert options_in(metadata) == options
    assert Options(**options.stored()) == options


@pytest.mark.parametrize(
    "metadata",
    [{"rollcall-mode": ""}, {"rollcall-dry-run": "1"}, {"rollcall-x": ""}, {"rollcall-privileged": "true"}],
)
def test_metadata_of_ours_that_says_nothing_is_refused(metadata):
    with pytest.raises(FileRefused):
        options_in(metadata)


@pytest.mark.parametrize(
    ("key", "content"),
    [
        ("imports/a.json", "users"),
        ("imports/2026/a", "users"),
        ("items/a", "items"),
        ("imports/", None),
        ("imports/2026/", None),
        ("imports", None),
        ("other/imports/a", None),
        ("../imports/a", None),
        ("Imports/a", None),
    ],
)
def test_the_folder_says_what_a_file_holds(key, content):
    assert content_of(key) == content


def test_a_made_key_names_its_job_and_no_other_key_does():
    form, retrys = new_form(JOB), new_form(JOB, OTHER)
    for made, run in ((form, ""), (retrys, OTHER)):
        named = upload_in(made.key)
        assert named is not None
        assert (named.job_id, named.run) == (JOB, run)
        assert fits(made.record, named.secret)
        assert named.secret not in str(made.record)
        assert not fits(made.record, named.secret[:-1] + "_") or named.secret.endswith("_")
    for key in (
        f"{form.key}A",
        f"{form.key[:-1]}",
        f"imports/{JOB}/retries/",
        f"imports/{JOB}/retries/../source",
        f"imports/{JOB}/retries/{OTHER}/x",
        f"imports/{JOB}%2Fsource",
        "imports/x/source",
        f"imports/{JOB}/source/",
        f"imports/{JOB.lower()}/source",
        f"x/imports/{JOB}/source",
    ):
        assert upload_in(key) is None


def test_a_dropped_object_has_one_job_that_lists_by_its_time():
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    first = dropped_job_id("b", "k", "v", moment)
    assert first == dropped_job_id("b", "k", "v", moment)
    others = [dropped_job_id(*what, moment) for what in (("c", "k", "v"), ("b", "l", "v"), ("b", "k", "w"))]
    assert len({first, *others}) == 4
    assert first < dropped_job_id("a", "a", "a", moment + timedelta(milliseconds=1))


@given(st.text(max_size=100))
def test_a_fields_name_is_shown_short_and_printable(name):
    assert shown(name).isprintable()
    assert 1 <= len(shown(name)) <= 64


@given(
    st.integers(1),
    st.integers(1),
    st.sampled_from(["", "is not UTF-8"]),
    st.binary().filter(lambda b: b"\n" not in b),
)
def test_a_line_is_read_as_it_was_written(number, line, fault, text):
    row = Line(number, line, fault, text)
    assert Line.read(row.written().removesuffix(b"\n")) == row


def test_an_outcome_counts_each_row_once_and_keeps_its_first_faults():
    outcome = Outcome()
    for number in (1, 2, 3):
        outcome.record(number, "created")
    outcome.record(4, "updated")
    outcome.refuse(9, [RowError(9, "näme", "is wrong")])
    outcome.refuse(5, [RowError(2, f"c{number:02}", "is no column") for number in range(30)])
    assert outcome.counts.stored() == {"rows": 6, "created": 3, "updated": 1, "unchanged": 0, "failed": 2}
    assert [error.field for error in outcome.refused[5]] == [f"c{number:02}" for number in range(ERRORS_PER_ROW)]
