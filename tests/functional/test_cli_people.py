"""People by the program: found, shown, helped; and what strangers wrote steers no terminal."""

from __future__ import annotations

import pytest

from chalicelib.accounts import person_view
from chalicelib.core.settings import settings
from tests.builders import PASSWORD, a_user
from tests.functional.enrolled import app_of
from tests.functional.operated import functions
from tests.functional.program import Program
from tests.functional.visitors import visitor
from tests.functional.whole import whole

ADMIN = "root@example.com"
WICKED = "\x1b]0;owned\x07\x9b2J[bold]\u202e"


@pytest.fixture
def program(aws, chalice_client, tmp_path, held_clock):
    a_user(email=ADMIN, password=PASSWORD, roles=["admin"])
    program = Program(chalice_client, tmp_path)
    program.run("login", answers=(ADMIN, PASSWORD))
    return program


@pytest.fixture
def ada(program):
    return a_user(email="ada@example.com", name="Ada Lovelace", age=36)


@pytest.mark.parametrize(
    "wanted", [["ada@example.com"], ["Ada L"], ["--age", "36"], ["--min-age", "36", "--max-age", "40"]]
)
def test_people_are_found(program, ada, wanted):
    found = program.run("people", "find", *wanted, "--json")
    assert (found.status, found.document["id"]) == (0, ada["id"])
    shown = program.run("people", "find", *wanted)
    assert "Ada Lovelace" in shown.out
    assert ada["id"] in shown.out


def test_nobody_found_is_a_status_of_its_own(program):
    assert program.run("people", "find", "nobody@example.com").status == 4
    assert program.run("people", "show", "nobody@example.com").status == 4
    by_name = program.run("people", "show", "Ada")
    assert (by_name.status, "try: rollcall people find Ada" in by_name.err) == (4, True)
    assert program.run("people", "find").status == 2


def test_a_list_goes_on_as_far_as_it_is_wanted(program):
    for number in range(7):
        a_user(email=f"p{number}@example.com", name=f"Person {number}")
    assert len(program.run("people", "find", "Pers", "--json").lines) == 7
    assert len(program.run("people", "find", "Pers", "--limit", "3", "--json").lines) == 3


@pytest.mark.parametrize("columns", [80, 100, 200])
def test_an_output_has_the_width_of_its_terminal_and_breaks_no_address_and_no_id(program, columns):
    people = [a_user(email=f"adelaide.{number}@department.example.com", name="Adelaide") for number in range(2)]
    shown = program.run("people", "find", "Adelaide", columns=columns)
    assert max(map(len, shown.lines)) <= columns
    assert all(person[field] in shown.out for person in people for field in ("email", "id"))


def test_people_are_searched(program, ada):
    asked = []

    def answer(event):
        asked.append(event)
        count = {"value": 12345, "exact": False} if event["count"] else None
        return {"people": [person_view(ada, with_metadata=True)], "next": None, "count": count}

    assert "GET /users looks people up" in program.run("people", "search", "ada").err
    with settings.held(read_model="postgres"), functions(query_read_model=answer):
        found = program.run("people", "search", "age = 36", "--sort", "name", "--limit", "1")
    assert (found.status, "ada@example.com" in found.out) == (0, True)
    assert "about 12345" in found.err + found.out
    assert [(event["q"], event["sort"], event["count"]) for event in asked] == [
        ("age = 36", "name", False),
        ("age = 36", "name", True),
    ]


@pytest.mark.slow
def test_a_person_is_shown_with_what_happened_to_them(program, ada, aws):
    with whole(aws) as system:
        system.settle()
        program.run("people", "disable", ada["id"], "--yes")
        system.settle()
    shown = program.run("people", "show", "ada@example.com")
    disabled = next(line for line in shown.lines if "user.disabled" in line)
    assert "status: active → disabled" in disabled
    assert not {"updated_at", "{"} & set(disabled.replace(":", " ").split())
    assert program.run("people", "show", ada["id"], "--json").document["history"]


@pytest.mark.slow
def test_a_persons_sessions_and_factors_are_shown_and_ended(program, ada):
    a_user(id="01SEEN", email="seen@example.com", password=PASSWORD)
    seen = visitor("seen@example.com")
    app_of(seen)
    shown = program.run("people", "show", "seen@example.com")
    assert "authenticator app" in shown.out
    assert len(program.run("people", "show", "01SEEN", "--json").document["sessions"]) == 1
    assert program.run("people", "sign-out", "seen@example.com", "--yes").status == 0
    assert program.run("people", "remove-factors", "seen@example.com", "--yes").status == 0
    document = program.run("people", "show", "01SEEN", "--json").document
    assert (document["sessions"], document["factors"]["totp"]) == ([], None)
    assert seen.call("GET", "/me").status == 401


@pytest.mark.slow
def test_a_reset_is_mailed_and_the_mail_is_listed(program, ada, aws):
    with whole(aws) as system:
        system.settle()
        assert program.run("people", "reset-password", "ada@example.com").status == 0
        system.settle()
    assert "reset" in program.run("people", "mail", "ada@example.com").out
    assert program.run("people", "mail", "ada@example.com", "--json").document["state"]


def test_a_person_is_shown_as_they_were(program, ada, held_clock):
    held_clock.tick(seconds=300)
    document = program.run("people", "show", ada["id"], "--at", "3m", "--json").document
    assert (document["name"], "history" in document) == ("Ada Lovelace", False)


def test_several_are_disabled_once_somebody_agrees(program, ada):
    bea = a_user(email="bea@example.com")
    refused = program.run("people", "disable", ada["id"], bea["id"], answers=("n",))
    assert (refused.status, "ada@example.com" in refused.out) == (2, True)
    assert program.run("people", "disable", ada["id"]).status == 2
    done = program.run("people", "disable", ada["id"], "bea@example.com", answers=("y",))
    assert [line.split()[0] for line in done.lines[-2:]] == ["ada@example.com", "bea@example.com"]
    assert program.run("people", "enable", ada["id"], "--json").document["status"] == "active"


def test_roles_are_added_and_taken(program, ada):
    assert program.run("people", "roles", ada["id"], "--add", "support").out.strip() == "support"
    assert (
        program.run("people", "roles", ada["id"], "--add", "editor", "--remove", "support").out.strip() == "editor"
    )
    assert program.run("people", "roles", ada["id"], "--json").document["roles"] == ["editor"]


@pytest.mark.slow
def test_somebody_is_erased_for_ever_and_the_receipt_is_shown(program, ada, aws):
    with whole(aws) as system:
        program.waiting = system.settle
        done = program.run("people", "erase", "ada@example.com", "--yes", "--json")
    assert (done.status, done.document["status"]) == (0, "finished")
    assert program.run("people", "show", ada["id"]).status == 4


def test_somebody_is_invited(program):
    made = program.run("people", "invite", "grace@example.com", "--name", "Grace", "--json").document
    assert (made["email"], made["name"]) == ("grace@example.com", "Grace")


def test_what_strangers_wrote_steers_no_terminal(program):
    person = a_user(email="eve@example.com", name=f"Eve {WICKED}")
    shown = program.run("people", "show", person["id"]).out + program.run("people", "find", "eve@example.com").out
    assert not set(shown) & {"\x1b", "\x07", "\x9b", "\u202e"}
    assert "[bold]" in shown
    as_json = program.run("people", "show", person["id"], "--json")
    assert not set(as_json.out) & {"\x1b", "\x07", "\x9b", "\u202e"}
    assert as_json.document["name"] == f"Eve {WICKED}"


def test_errors_are_json_where_results_are(program):
    done = program.run("people", "show", "nobody@example.com", "--json")
    assert '"error"' in done.err
