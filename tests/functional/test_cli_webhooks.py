"""A receiver of webhooks is developed by the program: beside `make run`, and for a stage that cannot reach it."""

from __future__ import annotations

import json
import socket

import pytest
from standardwebhooks.webhooks import Webhook

from chalicelib.core import clock
from rollcall_cli import signatures
from rollcall_cli.http import Request, Response, send
from rollcall_cli.receiving import Answering, Receiver, listening
from tests.builders import PASSWORD, a_user
from tests.functional.delivering import attempt, happened, publish
from tests.functional.program import Program
from tests.functional.test_cli_events import record

ADMIN = "root@example.com"
FORGED = b'{"type": 1, "time": 2, "data": "forged"}'
FORWARD = ("--forward", "http://localhost:3000/hooks")


@pytest.fixture
def program(stage, chalice_client, tmp_path):
    a_user(email=ADMIN, password=PASSWORD, roles=["admin"])
    program = Program(chalice_client, tmp_path)
    program.run("login", answers=(ADMIN, PASSWORD))
    return program


@pytest.fixture
def delivers(stage, program):
    """An event is delivered each time that the program waits."""
    numbers = iter(range(1, 100))

    def waiting():
        publish(stage, happened(next(numbers)))
        attempt(stage)

    program.waiting = waiting


@pytest.fixture
def forwarded(program):
    """What was forwarded; a status that is put first is the answer."""
    taken = []

    def answer(request):
        taken.append(request)
        return Response(202, {}, b"thanks")

    program.elsewhere = answer
    return taken


@pytest.mark.slow
def test_a_delivery_is_verified_and_shown_and_the_webhook_is_gone_at_the_end(program, delivers):
    done = program.run("webhooks", "listen", "--count", "2")
    assert done.status == 0, done.err
    assert done.out.count("signature verified") == 2
    assert done.out.count("user.updated") == 2
    assert program.run("webhooks", "list", "--json").out == ""
    assert "nothing to list" in program.run("webhooks", "list").err


@pytest.mark.slow
def test_it_answers_what_it_is_asked_to(program, delivers):
    (line,) = program.run("webhooks", "listen", "--count", "1", "--answer", "500", "--json").lines
    assert (json.loads(line)["status"], json.loads(line)["event"]["type"]) == (500, "user.updated")


@pytest.mark.slow
def test_a_delivery_is_handed_on_as_it_came(program, delivers, forwarded):
    done = program.run("webhooks", "listen", "--count", "1", *FORWARD)
    assert "→ 202" in done.out
    (request,) = forwarded
    secret = next(word for word in done.err.split() if word.startswith("whsec_"))
    assert Webhook(secret).verify(request.body, dict(request.headers))["type"] == "user.updated"


@pytest.mark.slow
def test_only_the_types_that_are_named_come(program, delivers, stage):
    program.run("webhooks", "listen", "--count", "1", "--type", "user.*")
    (asked,) = [json.loads(each.body) for each in program.requests if each.url.endswith("/webhooks") and each.body]
    assert asked["types"] == ["user.*"]


@pytest.mark.slow
def test_what_is_not_signed_is_refused_and_shown(program, stage):
    import urllib.error
    import urllib.request

    def forged():
        (asked,) = [
            json.loads(each.body) for each in program.requests if each.url.endswith("/webhooks") and each.body
        ]
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(asked["url"], FORGED)

    program.waiting = forged
    done = program.run("webhooks", "listen", "--count", "1")
    assert (done.status, "not signed" in done.out) == (0, True)


FORGERIES = {
    "an event of no form": (FORGED, {}),
    "what is nested too deep": (b"[" * 100_000, {}),
    "a time in strange digits": (b"forged", {"webhook-id": "1", "webhook-timestamp": "\u00b2"}),
}


@pytest.mark.parametrize(("body", "headers"), FORGERIES.values(), ids=FORGERIES)
def test_what_any_program_of_this_machine_may_send_neither_ends_it_nor_is_shown(body, headers, capsys):
    receiver = Receiver(Answering(send), clock.epoch)
    receiver.secret = signatures.new_secret()
    with listening(receiver, 0):
        request = Request("POST", f"http://127.0.0.1:{receiver.port}/", headers, body)
        assert send(request).status == 401
    assert receiver.take().body == b""
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("length", ["-1", "x", "9" * 5000])
def test_a_length_that_is_none_is_refused_at_once(length):
    receiver = Receiver(Answering(send), clock.epoch)
    with listening(receiver, 0), socket.create_connection(("127.0.0.1", receiver.port), timeout=5) as sent:
        sent.sendall(f"POST / HTTP/1.1\r\nContent-Length: {length}\r\n\r\n".encode())
        with sent.makefile("rb") as answer:
            assert b" 400 " in answer.read()


@pytest.mark.slow
def test_a_webhook_that_was_left_behind_goes(program, delivers):
    left = {"url": "http://127.0.0.1:9/", "description": "rollcall webhooks listen"}
    others = {"url": "http://127.0.0.1:9/", "description": "ours"}
    program.run("webhooks", "create", left["url"], "--description", left["description"])
    program.run("webhooks", "create", others["url"], "--description", others["description"])
    program.run("webhooks", "listen", "--count", "1")
    assert [each["description"] for each in map(json.loads, program.run("webhooks", "list", "--json").lines)] == [
        "ours"
    ]


@pytest.mark.slow
def test_a_stage_that_cannot_reach_this_machine_is_followed_and_signed_here(program, forwarded):
    program.api = "https://api.example.com"
    program.run("login", answers=(ADMIN, PASSWORD))

    def waiting():
        clock.tick(seconds=20)
        record(1)

    program.waiting = waiting
    secret = signatures.new_secret()
    assert program.run("webhooks", "listen").status == 2
    with clock.held(clock.now()):
        done = program.run("webhooks", "listen", "--count", "1", "--secret", secret, *FORWARD)
    assert done.status == 0, done.err
    (request,) = forwarded
    assert Webhook(secret).verify(request.body, dict(request.headers))["id"] == "users:U1:1:0"


@pytest.mark.slow
def test_webhooks_are_made_tested_and_looked_at(program, stage, receiver):
    made = program.run("webhooks", "create", receiver.url, "--json").document
    program.waiting = lambda: attempt(stage)
    tested = program.run("webhooks", "test", made["id"])
    assert (tested.status, "delivered" in tested.out) == (0, True)
    assert "webhook.test" in program.run("webhooks", "deliveries", made["id"]).out
    (delivery,) = [json.loads(line) for line in program.run("webhooks", "deliveries", made["id"], "--json").lines]
    assert program.run("webhooks", "retry", made["id"], delivery["id"]).status == 0
    assert program.run("webhooks", "remove", made["id"], "--yes").status == 0
    assert program.run("webhooks", "list").status == 0


@pytest.mark.parametrize("broken", ["another id", "another time", "another body"])
def test_a_signature_is_of_its_id_its_time_and_its_body(broken):
    secret, body = signatures.new_secret(), b"{}"
    headers = {"webhook-id": "m1", "webhook-timestamp": "1000"}
    headers["webhook-signature"] = f"v1,AAAA {signatures.sign(secret, 'm1', '1000', body)}"
    assert signatures.problem_with(secret, headers, body, 1100) == ""
    assert "five minutes" in signatures.problem_with(secret, headers, body, 2000)
    changed = {"another id": {"webhook-id": "m2"}, "another time": {"webhook-timestamp": "1001"}}.get(broken, {})
    assert signatures.problem_with(secret, {**headers, **changed}, body if changed else b"[]", 1100)
