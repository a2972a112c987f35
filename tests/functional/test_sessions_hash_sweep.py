"""The floor of a failed sign-in comes down when nobody has a dear hash any more, and never before."""

from __future__ import annotations

import json

import pytest

from chalicelib import accounts
from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.settings import Settings, settings
from chalicelib.job_runner.job_pages import run_job_pages
from chalicelib.sessions import dearest_hash, failure_delay, hash_notes, hash_sweep
from tests.builders import PASSWORD
from tests.functional.faults import Crash, crashing, listening
from tests.functional.importing import StateMachines
from tests.functional.visitors import visitor

BCRYPT = "$2b$10$abcdefghijklmnopqrstuuVJKsFRBPfyDi.2vDLDeljV84Mca5WiG"
PBKDF2 = "$pbkdf2-sha256$i=600000$c2FsdHNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA"
BCRYPT_NOTE, PBKDF2_NOTE = "bcrypt:120", "pbkdf2:704"


@pytest.fixture(autouse=True)
def _stage(aws, held_clock, dear_hashes):
    """An import brought one person with each hash, eight days ago."""
    rows = [
        {"email": f"{number}@moved.example", "password_hash": stored}
        for number, stored in enumerate((BCRYPT, PBKDF2))
    ]
    StateMachines(aws).drop(json.dumps(rows).encode())
    clock.tick(days=8)
    with settings.held(failed_sign_in_milliseconds=Settings.failed_sign_in_milliseconds):
        yield


def look(aws) -> int:
    """Run what `every_day` begins, to its end: how many pages."""
    hash_sweep.look_for_dear_hashes()
    pages = 0
    while records := aws.take("jobs"):
        pages += len(records)
        run_job_pages({"Records": records})
    assert aws.take("jobs-dlq") == []
    return pages


def notes(aws) -> dict[str, int]:
    stored = row(aws)
    assert set(stored) - {"id", "schema"} == set(hash_notes.noted(stored)), "a scan that is over leaves its place"
    return hash_notes.noted(stored)


def row(aws) -> dict:
    return next(each for each in aws.rows("guards") if each["id"] == "dearest-hash")


def leave(aws, kind: str) -> None:
    """The person with such a hash sets a new password."""
    (person,) = (each for each in aws.rows("users") if each.get("legacy_hash") == kind)
    accounts.people().set_password(person, "x", accounts.credentials().password(person["id"]), lambda _: {})


@pytest.mark.slow
def test_a_hash_that_is_there_keeps_its_note_for_another_week(aws):
    assert look(aws) == 1
    assert notes(aws) == {BCRYPT_NOTE: clock.epoch(), PBKDF2_NOTE: clock.epoch()}
    assert look(aws) == 0
    clock.tick(days=8)
    assert look(aws) == 1


@pytest.mark.slow
def test_the_floor_comes_down_with_the_last_dear_hash(aws):
    assert failure_delay.floor_milliseconds(1) == 1030
    leave(aws, "pbkdf2")
    assert failure_delay.floor_milliseconds(1) == 1030
    look(aws)
    assert notes(aws) == {BCRYPT_NOTE: clock.epoch()}
    assert failure_delay.floor_milliseconds(1) == 300
    leave(aws, "bcrypt")
    clock.tick(days=8)
    look(aws)
    assert notes(aws) == {}
    assert failure_delay.floor_milliseconds(1) == 200


@pytest.mark.slow
def test_signing_in_lets_the_floor_come_down(aws):
    """The hash is replaced there and then."""
    import bcrypt

    leave(aws, "bcrypt")
    leave(aws, "pbkdf2")
    stored = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(10)).decode()
    StateMachines(aws).drop(json.dumps([{"email": "last@moved.example", "password_hash": stored}]).encode())
    clock.tick(days=8)
    look(aws)
    assert set(notes(aws)) == {BCRYPT_NOTE}
    visitor("last@moved.example")
    clock.tick(days=8)
    look(aws)
    assert notes(aws) == {}


@pytest.mark.slow
def test_what_was_noted_in_the_last_week_is_not_looked_for(aws):
    leave(aws, "bcrypt")
    leave(aws, "pbkdf2")
    noted_at = clock.epoch()
    dearest_hash().note([BCRYPT])
    clock.tick(days=6)
    look(aws)
    assert notes(aws) == {BCRYPT_NOTE: noted_at}


@pytest.mark.slow
def test_a_note_that_is_renewed_while_people_are_scanned_stays(aws):
    """An import notes a hash, and writes its person where the scan has been."""
    leave(aws, "bcrypt")
    leave(aws, "pbkdf2")
    with listening(
        clients.client("dynamodb"), "after-call.dynamodb.Scan", lambda **_: dearest_hash().note([BCRYPT])
    ):
        look(aws)
    assert set(notes(aws)) == {BCRYPT_NOTE}


@pytest.mark.slow
def test_a_note_of_our_own_kind_is_never_removed(aws):
    """`legacy_hash` does not say whether somebody has such a hash."""
    dear = "$argon2id$v=19$m=65536,t=10,p=4$c2FsdHNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA"
    dearest_hash().note([dear])
    clock.tick(days=8)
    look(aws)
    assert set(hash_notes.names_of([dear])) <= notes(aws).keys()


@pytest.mark.slow
def test_a_stage_without_dear_hashes_costs_one_read_a_day(aws):
    clients.table("guards").delete({"id": "dearest-hash"})
    with telemetry.recording() as record:
        assert look(aws) == 0
    assert [name for name in record.names if name != "ReceiveMessage"] == ["GetItem"]


@pytest.mark.slow
@pytest.mark.parametrize("operation", ["GetItem", "Scan", "UpdateItem"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_lowers_nothing_too_early_and_is_made_good(aws, operation, after):
    leave(aws, "pbkdf2")
    hash_sweep.look_for_dear_hashes()
    records = aws.take("jobs")
    with crashing("dynamodb", operation, after=after), pytest.raises(Crash):
        run_job_pages({"Records": records})
    assert BCRYPT_NOTE in hash_notes.noted(row(aws))
    run_job_pages({"Records": records})
    run_job_pages({"Records": records})
    assert set(notes(aws)) == {BCRYPT_NOTE}


@pytest.mark.slow
def test_a_long_scan_goes_on_by_pages_and_finds_everybody(aws):
    """Each reads one part of the table here. The place is kept in the row, so that a page that is forged or repeated
    changes nothing."""
    leave(aws, "pbkdf2")
    pages, forged = 0, {"next": hash_sweep.SEGMENTS, "notes": {BCRYPT_NOTE: 0}}
    while hash_sweep.look_page("2026-03-09", forged, seconds=0) is not None:
        pages += 1
        assert set(hash_notes.noted(row(aws))) == {BCRYPT_NOTE, PBKDF2_NOTE}
        assert hash_notes.noted(row(aws))[PBKDF2_NOTE] < clock.epoch()
    assert pages == hash_sweep.SEGMENTS - 1
    assert notes(aws) == {BCRYPT_NOTE: clock.epoch()}


@pytest.mark.slow
def test_a_page_that_nobody_asked_for_changes_nothing(aws):
    clients.table("guards").delete({"id": "dearest-hash"})
    assert hash_sweep.look_page("2026-03-09", {}) is None
    assert "dearest-hash" not in {each["id"] for each in aws.rows("guards")}
