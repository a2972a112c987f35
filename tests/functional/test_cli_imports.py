"""A file is imported by the program: a trial, the import, and refused rows mended in an editor."""

from __future__ import annotations

import json

import pytest

from chalicelib.jobs import jobs
from tests.builders import PASSWORD, a_user
from tests.functional.importing import people
from tests.functional.program import Program, run_latest_retry
from tests.functional.vendor_files import BCRYPT

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


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_file_that_cannot_be_imported_says_why_before_it_is_sent(program, tmp_path):
    path = tmp_path / "nothing.json"
    path.write_text("[", "utf-8")
    done = program.run("import", str(path), "--no-trial")
    assert (done.status, "the file ends within record 1" in done.err) == (1, True)
    assert jobs().listing("import", limit=10).items == []


@pytest.fixture
def rails(tmp_path):
    path = tmp_path / "rails.csv"
    path.write_text(
        "email,encrypted_password,full_name,dob,phone_number,plan,otp_secret\n"
        f"ann@example.com,{BCRYPT},Ann,1985-02-01,+1,gold,x\n"
        f"bea@example.com,{BCRYPT},Bea,1990-12-28,,free,\n",
        "utf-8",
    )
    return path


SUGGESTED = {
    "email": "email",
    "full_name": "name",
    "dob": "birthdate",
    "encrypted_password": "password_hash",
    "*": "metadata.legacy.*",
}


def test_a_script_gets_the_mapping_of_an_unknown_table_to_copy_and_imports_nobody(program, rails, aws):
    done = program.run("import", str(rails), "--yes")
    assert (done.status, done.document) == (2, SUGGESTED)
    assert "--columns FILE" in done.err
    assert jobs().listing("import", limit=10).items == []


@pytest.mark.slow
def test_a_person_looks_at_the_mapping_of_an_unknown_table_and_changes_it(program, rails, aws):
    assert program.run("import", str(rails), answers=("n",)).status == 2
    program.edit = lambda path: path.write_text(
        path.read_text("utf-8").replace("metadata.legacy", "attributes"), "utf-8"
    )
    done = program.run("import", str(rails), answers=("e", "y", "y"))
    assert done.status == 0, done.err
    assert "attributes.*" in done.out
    assert "password bcrypt" in done.out
    assert "Left out: otp_secret (1 row)" in done.out
    assert people(aws)["bea@example.com"]["attributes"] == {"plan": "free"}
    job_id = jobs().listing("import", limit=1).items[0]["id"]
    shown = program.run("imports", "show", job_id)
    assert "Left out: otp_secret (1 row)" in shown.out
    assert "password_hash" in shown.out
    assert len(program.run("imports", "list", "--json").lines) == 2


@pytest.mark.slow
def test_columns_go_where_a_file_and_options_say(program, rails, aws, tmp_path):
    columns = tmp_path / "columns.json"
    columns.write_text(json.dumps({name: to for name, to in SUGGESTED.items() if name != "*"}), "utf-8")
    done = program.run("import", str(rails), "--yes", "--columns", str(columns), "--map", "plan=attributes.plan")
    assert done.status == 0, done.err
    assert people(aws)["ann@example.com"]["attributes"] == {"plan": "gold"}
    assert "Left out: otp_secret (1 row), phone_number (1 row)" in done.out


@pytest.mark.parametrize(
    ("arguments", "error"),
    [(("--map", "plan"), "is not source=target"), (("--columns", "{}"), "no JSON object of texts")],
)
def test_what_is_no_mapping_says_so(program, rails, tmp_path, arguments, error):
    wrong = tmp_path / "wrong.json"
    wrong.write_text("[1]", "utf-8")
    done = program.run("import", str(rails), *(str(wrong) if each == "{}" else each for each in arguments))
    assert (done.status, error in done.err) == (2, True)


@pytest.mark.slow
@pytest.mark.parametrize("columns", [80, 200])
def test_the_output_keeps_to_its_width(program, file, columns):
    done = program.run("import", str(file), "--yes", columns=columns)
    assert max(map(len, done.lines)) <= columns
