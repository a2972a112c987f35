"""A file is imported by the program: a trial, the import, and refused rows mended in an editor."""

from __future__ import annotations

import json

import pytest

from chalicelib.jobs import jobs
from tests.builders import PASSWORD, a_user
from tests.functional.importing import people
from tests.functional.program import Program, run_latest_retry

ADMIN = "root@example.com"
ROWS = [
    {"email": "ann@example.com", "name": "Ann"},
    {"email": "bad", "name": "Bea"},
    {"email": "cem@example.com", "age": 900},
]


@pytest.fixture
def program(aws, chalice_client, state_machines, tmp_path):
    a_user(email=ADMIN, password=PASSWORD, roles=["admin"])
    program = Program(chalice_client, tmp_path, state_machines)
    program.run("login", answers=(ADMIN, PASSWORD))
    return program


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "people.json"
    path.write_text(json.dumps(ROWS), "utf-8")
    return path


def test_a_trial_writes_nobody(program, file, aws):
    done = program.run("import", str(file), "--trial", "--json")
    assert (done.status, done.document["counts"]["created"]) == (6, 1)
    assert set(people(aws)) == {ADMIN}


@pytest.mark.slow
def test_a_file_is_imported_after_a_trial(program, file, aws):
    done = program.run("import", str(file), "--yes")
    assert (done.status, "would be created" in done.out, "were created" in done.out) == (6, True, True)
    assert "is not an email address" in done.out
    assert set(people(aws)) == {ADMIN, "ann@example.com"}
    assert [job["source"] for job in jobs().listing("import", limit=10).items] == [file.name] * 2


@pytest.mark.slow
def test_nobody_is_imported_unless_somebody_agrees(program, file, aws):
    assert program.run("import", str(file), answers=("n",)).status == 2
    assert program.run("import", str(file)).status == 2
    assert set(people(aws)) == {ADMIN}


@pytest.mark.slow
def test_refused_rows_are_mended_in_the_editor_and_sent_again(program, file, aws, state_machines, held_clock):
    edited = []

    def edit(path):
        text = path.read_text("utf-8")
        edited.append((path, text, path.stat().st_mode & 0o777))
        path.write_text(text.replace('"bad"', '"bea@example.com"').replace("900", "90"), "utf-8")

    def waiting():
        held_clock.tick(seconds=5)
        run_latest_retry(state_machines)

    program.edit, program.waiting = edit, waiting
    done = program.run("import", str(file), answers=("y", "y"))
    assert done.status == 0, done.err
    ((path, text, mode),) = edited
    assert (mode, path.exists()) == (0o600, False)
    assert "# line 1, email: is not an email address" in text
    assert text.count("_ref") == 3
    assert set(people(aws)) == {ADMIN, "ann@example.com", "bea@example.com", "cem@example.com"}


@pytest.mark.slow
def test_an_editor_that_changes_nothing_sends_nothing(program, file):
    done = program.run("import", str(file), answers=("y", "y"))
    assert (done.status, "Nothing was changed" in done.err) == (6, True)


@pytest.mark.slow
def test_work_in_an_editor_is_not_lost_for_a_slip(program, file):
    program.edit = lambda path: path.write_text("{not json", "utf-8")
    done = program.run("import", str(file), answers=("y", "y"))
    assert (done.status, "kept in" in done.err) == (2, True)


def test_a_file_that_fails_says_why(program, tmp_path):
    path = tmp_path / "nothing.json"
    path.write_text("[", "utf-8")
    done = program.run("import", str(path), "--no-trial")
    assert (done.status, "failed" in done.err) == (1, True)


@pytest.mark.slow
@pytest.mark.parametrize("columns", [80, 200])
def test_the_output_keeps_to_its_width(program, file, columns):
    done = program.run("import", str(file), "--yes", columns=columns)
    assert max(map(len, done.lines)) <= columns
