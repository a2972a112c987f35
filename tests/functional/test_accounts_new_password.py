"""Which password may be chosen: shorter with a second factor, and none that was found in a breach."""

from __future__ import annotations

import hashlib
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from chalicelib.accounts import own_account
from chalicelib.accounts.credential_store import credentials
from chalicelib.accounts.first_administrator import create_admin
from chalicelib.accounts.store import people
from chalicelib.core.crypto import links
from chalicelib.core.errors import Conflict, Invalid
from chalicelib.core.settings import settings
from chalicelib.passwords import breaches
from tests.builders import PASSWORD, a_user
from tests.functional.visitors import Visitor, mailed, token_of, visitor
from tests.serving import served

SHORT = "otter 9 q"
ADA = "ada@maths.example"


@dataclass
class Service:
    """A service of breached passwords, which knows `known` and answers with `statuses` first."""

    known: dict[str, int] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)
    seconds: float = 0
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@contextmanager
def serving(service: Service):
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            service.asked.append((self.path, {name.lower(): text for name, text in self.headers.items()}))
            over.wait(service.seconds)
            digests = {hashlib.sha1(text.encode()).hexdigest().upper(): n for text, n in service.known.items()}
            prefix = self.path.rpartition("/")[2]
            lines = [f"{digest[5:]}:{n}" for digest, n in digests.items() if digest.startswith(prefix)]
            body = "\r\n".join(["0" * 35 + ":0", *lines, "F" * 35 + ":0"]).encode()
            try:
                self.send_response(service.statuses.pop(0) if service.statuses else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                return  # whoever asked has gone

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    with served(server):
        try:
            yield f"http://127.0.0.1:{server.server_port}/range/"
        finally:
            over.set()


@pytest.fixture
def service(aws):
    """The stage's service, which knows one password."""
    kept = Service({PASSWORD: 7})
    with serving(kept) as url, settings.held(breached_passwords_url=url):
        yield kept
        breaches._pool().clear()


def counted(capsys) -> int:
    return capsys.readouterr().out.count('"BreachServiceFailures":[1.0]')


def test_the_service_learns_five_digits_of_a_hash_and_nothing_else(service):
    assert breaches.is_known(PASSWORD)
    assert not breaches.is_known("another one that nobody lost")
    digest = hashlib.sha1(PASSWORD.encode()).hexdigest().upper()
    path, headers = service.asked[0]
    assert path == f"/range/{digest[:5]}"
    assert headers.keys() == {"host", "add-padding", "user-agent", "accept-encoding"}
    assert (headers["add-padding"], headers["user-agent"]) == ("true", "rollcall")


def test_padding_is_nobodys_password(service):
    service.known[PASSWORD] = 0
    assert not breaches.is_known(PASSWORD)


def test_without_a_service_nothing_is_asked(aws):
    assert not breaches.is_known(PASSWORD)


def test_a_service_that_fails_once_is_asked_again(service, capsys):
    service.statuses = [503]
    assert breaches.is_known(PASSWORD)
    assert (len(service.asked), counted(capsys)) == (2, 0)


@pytest.mark.parametrize("statuses", [[503, 503], [404], [302]])
def test_a_service_that_does_not_answer_stands_in_nobodys_way_and_is_counted(service, capsys, statuses):
    service.statuses = list(statuses)
    assert not breaches.is_known(PASSWORD)
    assert len(service.asked) == len(statuses)
    output = capsys.readouterr().out
    assert output.count('"BreachServiceFailures":[1.0]') == 1
    digest = hashlib.sha1(PASSWORD.encode()).hexdigest().upper()
    assert PASSWORD not in output
    assert digest[:5] not in output


@pytest.mark.slow
def test_a_slow_service_is_waited_for_a_second_twice(service, capsys):
    service.seconds = 10
    assert not breaches.is_known(PASSWORD)
    assert (len(service.asked), counted(capsys)) == (2, 1)


@settings.held(breached_passwords_url="http://127.0.0.1:1/range/")
def test_a_service_that_is_gone_stands_in_nobodys_way(aws, capsys):
    assert not breaches.is_known(PASSWORD)
    assert counted(capsys) == 1


@pytest.mark.slow
def test_a_breached_password_is_chosen_nowhere(aws, service):
    other = "copper lantern river nine"
    body = {"email": "new@maths.example", "password": PASSWORD}
    assert wrong(Visitor().call("POST", "/users", body)) == ["password"]
    assert aws.rows("intents") == []

    a_user(id="U1", email=ADA, password=other)
    ada = visitor(ADA, other)
    change = {"current_password": other, "new_password": PASSWORD}
    assert wrong(ada.call("PUT", "/me/password", change)) == ["new_password"]

    Visitor().call("POST", "/password-resets", {"email": ADA})
    (mail,) = mailed(aws)
    reset = {"token": token_of(mail), "password": PASSWORD}
    assert wrong(Visitor().call("POST", "/password-resets/confirm", reset)) == ["password"]

    invited = a_user(id="U2", source="invitation", email="grace@maths.example")
    aws.put("users", {**invited, "email_verified": False, "invited_at": invited["created_at"]})
    accept = {"token": links.mint("invitation", "U2"), "password": PASSWORD}
    assert wrong(Visitor().call("POST", "/users/confirm", accept)) == ["password"]

    with pytest.raises(Invalid):
        create_admin({"email": "root@maths.example", "password": PASSWORD})


def wrong(answer) -> list[str]:
    assert answer.status == 422, answer
    return [error["field"] for error in answer.body["errors"]]


def with_factor(aws, person):
    changed = {**person, "factors": ["totp"]}
    aws.put("users", changed)
    return changed


def change(person, new: str):
    return own_account.change_password(person, PASSWORD, new, session_id="S1")


def test_a_password_may_be_short_while_there_is_a_second_factor_and_is_remembered_as_such(aws):
    ada = a_user(id="U1", email=ADA, password=PASSWORD)
    with pytest.raises(Invalid, match="at least 15"):
        change(ada, SHORT)
    ada = change(with_factor(aws, ada), SHORT)
    assert credentials().password("U1")["short"] is True
    with pytest.raises(Invalid, match="at least 8"):
        change(ada, SHORT[:7])
    own_account.change_password(ada, SHORT, "copper lantern river nine", session_id="S1")
    assert "short" not in credentials().password("U1")


@pytest.mark.slow
@pytest.mark.parametrize(("factors", "status"), [(["totp"], 204), ([], 422)])
def test_a_reset_brings_a_short_password_only_with_a_second_factor_and_keeps_it(aws, factors, status):
    aws.put("users", {**a_user(id="U1", email=ADA, password=PASSWORD), "factors": factors})
    Visitor().call("POST", "/password-resets", {"email": ADA})
    (mail,) = mailed(aws)
    body = {"token": token_of(mail), "password": SHORT}
    assert Visitor().call("POST", "/password-resets/confirm", body).status == status
    assert people().get("U1")["factors"] == factors
    assert credentials().password("U1").get("short", False) is (status == 204)


def test_a_short_password_is_refused_where_the_factor_goes_meanwhile(aws):
    ada = a_user(id="U1", email=ADA, password=PASSWORD)
    before = with_factor(aws, ada)
    aws.put("users", {**ada, "version": 2})
    with pytest.raises(Conflict, match="the second factor that allows a short password was removed"):
        change(before, SHORT)
    assert "short" not in credentials().password("U1")


def test_nobody_registers_with_a_short_password(aws):
    answer = Visitor().call("POST", "/users", {"email": ADA, "password": SHORT})
    assert wrong(answer) == ["password"]


def test_what_is_too_short_for_everybody_is_told_with_every_other_wrong_field(aws):
    body = {"token": 7, "password": "seven77"}
    assert sorted(wrong(Visitor().call("POST", "/password-resets/confirm", body))) == ["password", "token"]


def test_who_has_no_password_sets_one_without_another(aws):
    ada = a_user(id="U1", email=ADA)
    own_account.change_password(ada, None, PASSWORD, session_id="S1")
    assert Visitor().enter(ADA).status == 201


def test_who_has_a_password_needs_it(aws):
    a_user(id="U1", email=ADA, password=PASSWORD)
    answer = visitor(ADA).call("PUT", "/me/password", {"new_password": "copper lantern river nine"})
    assert wrong(answer) == ["current_password"]
