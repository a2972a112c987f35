"""How the program signs in, what it keeps, and how it proves again who it is."""

from __future__ import annotations

import json
import stat

import pytest

from chalicelib.core.crypto import links
from rollcall_cli.checkout import Checkout
from rollcall_cli.tokens import TokenFile
from tests.builders import PASSWORD, a_user
from tests.functional.enrolled import app_of
from tests.functional.program import API, Program
from tests.functional.visitors import mailed, visitor

ADMIN = "root@example.com"


@pytest.fixture
def admin(aws, held_clock):
    return a_user(email=ADMIN, password=PASSWORD, roles=["admin"])


@pytest.fixture
def program(chalice_client, tmp_path, admin):
    return Program(chalice_client, tmp_path)


def kept(program):
    return json.loads((program.home / ".config/rollcall/local.json").read_text("utf-8"))


def test_a_person_signs_in_and_the_tokens_are_theirs_alone(program):
    done = program.run("login", answers=(ADMIN, PASSWORD))
    assert (done.status, ADMIN in done.out) == (0, True)
    path = program.home / ".config/rollcall/local.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert PASSWORD not in path.read_text("utf-8") + done.out + done.err
    assert program.run("whoami", "--json").document["email"] == ADMIN


def test_a_wrong_password_is_said(program):
    done = program.run("login", answers=(ADMIN, "not this one at all"))
    assert (done.status, done.out) == (3, "")
    assert "error:" in done.err


def test_without_a_session_one_is_told_to_sign_in(program):
    done = program.run("people", "find", "ada")
    assert (done.status, "rollcall login" in done.err, "rollcall up" in done.err) == (3, True, True)


@pytest.mark.slow
def test_a_second_factor_is_asked_for(program, held_clock):
    app = app_of(visitor(ADMIN))
    done = program.run("login", answers=(ADMIN, PASSWORD, app.wrong(), app.code()))
    assert (done.status, "authenticator" in done.err) == (0, True)


def test_one_signs_in_by_a_mailed_code_that_is_good_for_this_program_alone(program, aws):
    def code():
        return links.short_code("code", mailed(aws)[-1]["data"]["intent_id"])

    done = program.run("login", "--mail", answers=(ADMIN, code))
    assert done.status == 0, done.err
    asked, brought = (json.loads(request.body) for request in program.requests if "/sessions/email" in request.url)
    assert asked["asker"] == brought["asker"]
    assert len(asked["asker"]) >= 43


@pytest.mark.slow
def test_a_token_that_has_ended_is_renewed_once(program, held_clock):
    program.run("login", answers=(ADMIN, PASSWORD))
    before = kept(program)
    held_clock.tick(seconds=3600)
    assert program.run("whoami").status == 0
    after = kept(program)
    assert after["refresh_token"] != before["refresh_token"]
    assert program.run("whoami").status == 0
    assert kept(program) == after


def test_a_session_that_was_ended_elsewhere_is_none(program):
    program.run("login", answers=(ADMIN, PASSWORD))
    assert visitor(ADMIN).call("DELETE", "/sessions").status == 204
    assert program.run("whoami").status == 3


def test_what_changes_something_asks_for_a_proof_again(program, held_clock):
    program.run("login", answers=(ADMIN, PASSWORD))
    ada = a_user(email="ada@example.com")
    held_clock.tick(seconds=400)
    refused = program.run("people", "disable", ada["id"], "--yes")
    assert (refused.status, "proof" in refused.err) == (3, True)
    done = program.run("people", "disable", ada["id"], answers=("y", "wrong password here", PASSWORD))
    assert done.status == 0, done.err
    assert program.run("people", "show", ada["id"], "--json").document["status"] == "disabled"


@pytest.mark.slow
def test_a_second_factor_proves_it_where_there_is_one(program, held_clock):
    app = app_of(visitor(ADMIN))
    program.run("login", answers=(ADMIN, PASSWORD, app.code()))
    held_clock.tick(seconds=400)
    done = program.run("clients", "create", "Nightly", "--role", "admin", answers=(app.code(),))
    assert done.status == 0, done.err


def test_what_wants_a_second_factor_says_how_to_get_one(program):
    program.run("login", answers=(ADMIN, PASSWORD))
    done = program.run("clients", "create", "Nightly", "--role", "admin", answers=(PASSWORD,))
    assert (done.status, f"{API}/account" in done.err) == (3, True)


def test_signing_out_ends_the_session(program):
    program.run("login", answers=(ADMIN, PASSWORD))
    token = kept(program)["access_token"]
    assert program.run("logout").status == 0
    assert not (program.home / ".config/rollcall/local.json").exists()
    headers = {"Authorization": f"Bearer {token}"}
    assert program.client.http.get("/me", headers=headers).status_code == 401
    assert program.run("logout").status == 0


def test_signing_out_ends_a_session_whose_token_has_run_out(program, held_clock):
    program.run("login", answers=(ADMIN, PASSWORD))
    held_clock.tick(seconds=3600)
    assert program.run("logout").status == 0
    assert visitor(ADMIN).call("GET", "/sessions").body["items"][1:] == []


@pytest.mark.slow
def test_a_script_calls_by_a_clients_secret_and_nothing_of_it_is_kept(program):
    app = app_of(visitor(ADMIN))
    program.run("login", answers=(ADMIN, PASSWORD, app.code()))
    made = program.run("clients", "create", "Nightly", "--role", "admin", "--json").document
    program.run("logout")
    program.environment |= {"ROLLCALL_CLIENT_ID": made["id"], "ROLLCALL_CLIENT_SECRET": made["secret"]}
    ada = a_user(email="ada@example.com")
    assert program.run("people", "disable", "ada@example.com", "--yes", "--json").document["id"] == ada["id"]
    files = [path for path in program.home.rglob("*") if path.is_file()]
    assert made["secret"] not in "".join(path.read_text("utf-8") for path in files)
    program.environment["ROLLCALL_CLIENT_SECRET"] = "another"
    assert program.run("people", "find", "ada").status == 3


def test_tokens_go_to_the_api_alone_that_gave_them(program):
    program.run("login", answers=(ADMIN, PASSWORD))
    program.requests.clear()
    program.api = "http://127.0.0.1:8001"
    assert program.run("whoami").status == 3
    assert program.requests == []


def test_a_token_goes_over_https_or_stays_on_this_machine(program):
    program.api = "http://api.example.com"
    done = program.run("whoami")
    assert (done.status, "not https" in done.err) == (1, True)


def test_tokens_that_others_could_read_are_not_used(program):
    program.run("login", answers=(ADMIN, PASSWORD))
    (program.home / ".config/rollcall/local.json").chmod(0o644)
    done = program.run("whoami")
    assert (done.status, "others may read" in done.err) == (1, True)


def test_what_is_kept_and_cut_off_is_nothing(tmp_path):
    (tmp_path / "dev.json").write_text("{", "utf-8")
    assert TokenFile(tmp_path, "dev").read() is None


def test_beside_make_run_nobody_is_asked(program, tmp_path, held_clock):
    running = tmp_path / "checkout" / ".run" / "stage.json"
    running.parent.mkdir(parents=True)
    stage = {"api": API, "mailbox": "http://localhost:8025", "administrator": ADMIN, "password": PASSWORD}
    running.write_text(json.dumps(stage), "utf-8")
    running.chmod(0o600)
    program.checkout = Checkout(tmp_path / "checkout", {})
    a_user(email="ada@example.com")
    assert program.run("people", "find", "ada@example.com").status == 0
    held_clock.tick(seconds=400)
    assert program.run("people", "disable", "ada@example.com", "--yes").status == 0
    running.chmod(0o644)
    assert program.run("whoami").status == 1
