"""The program `rollcall` as somebody types it beside `make run`: processes of their own, against the deployed stage."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from infra.stage import ROOT
from tests.cloud.people import register
from tests.cloud.stage import eventually
from tools import running_stage


class Typed:
    """Types commands, at a home of its own."""

    def __init__(self, deployed, folder):
        self.api = deployed.anyone.url
        (folder / ".run").mkdir()
        running_stage.write(
            folder / ".run",
            api=self.api,
            mailbox="http://localhost:8025",
            administrator=deployed.administrator["email"],
            password=deployed.administrator["password"],
        )
        self.environment = {
            **{
                name: os.environ[name]
                for name in os.environ
                if name in {"PATH", "LANG"} or name.startswith("AWS_")
            },
            "HOME": str(folder),
            "ROLLCALL_CHECKOUT": str(folder),
        }

    def begin(self, *arguments, **variables):
        return subprocess.Popen(
            [sys.executable, str(ROOT / "cli"), *arguments],
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments, status=0, **variables):
        process = self.begin(*arguments, **variables)
        out, err = process.communicate(timeout=120)
        assert process.returncode == status, out + err
        return out

    def lines(self, *arguments, **variables):
        return [json.loads(line) for line in self.run(*arguments, "--json", **variables).splitlines()]


@pytest.fixture
def typed(deployed, tmp_path):
    return Typed(deployed, tmp_path)


def test_a_file_becomes_people_and_their_events(typed, tmp_path):
    rows = [{"email": "typed@example.com", "name": "Typed", "age": 31}, {"email": "nobody", "name": "Refused"}]
    file = tmp_path / "people.json"
    file.write_text(json.dumps(rows), "utf-8")
    shown = typed.run("import", str(file), "--yes", status=6)
    assert "is not an email address" in shown
    (person,) = typed.lines("people", "find", "typed@example.com")
    assert person["age"] == 31
    tail = ("events", "tail", "--once", "--since", "10m", "--type", "user.imported", "--person", person["id"])
    (event,) = eventually(lambda: typed.lines(*tail), "the event of the imported person in the feed")
    assert event["subject"] == person["id"]


def test_a_change_is_received_on_this_machine(typed, deployed):
    person = register(deployed, "listened@example.com", name="Before")
    listening = typed.begin("webhooks", "listen", "--count", "1", "--type", "user.updated", "--json")
    try:
        eventually(lambda: typed.lines("webhooks", "list"), "the webhook of the listener")
        assert person.call("PATCH", "/me", {"name": "After"}).status == 200
        out, err = listening.communicate(timeout=120)
    finally:
        listening.kill()
    assert listening.returncode == 0, err
    received = json.loads(out)
    assert (received["event"]["type"], received["status"], received["problem"]) == ("user.updated", 204, None)
    assert typed.lines("webhooks", "list") == []


def test_an_interrupted_listener_takes_its_webhook_away(typed):
    import signal

    listening = typed.begin("webhooks", "listen")
    eventually(lambda: typed.lines("webhooks", "list"), "the webhook of the listener")
    listening.send_signal(signal.SIGINT)
    listening.communicate(timeout=60)
    assert listening.returncode == 130
    assert typed.lines("webhooks", "list") == []


def test_a_doctor_says_what_an_account_lacks(typed):
    found = json.loads(typed.run("whoami", "--json"))
    assert found["roles"] == ["admin"]
    process = typed.begin("doctor", "--stage", "prod", "--json", ROLLCALL_CHECKOUT=str(ROOT))
    out, err = process.communicate(timeout=120)
    assert process.returncode == 6, err
    states = {each["name"]: each["state"] for each in map(json.loads, out.splitlines())}
    assert states["PUBLIC_URL"] == "missing"
    assert {"caller", "quotas", "SES sandbox", "permissions"} <= states.keys()


def test_an_operator_sees_how_the_stage_is_and_tries_again_what_failed(typed, deployed):
    deployed.send("mail", {"to": "typed@example.com", "subject": "no body"})
    listed = eventually(lambda: typed.lines("dead-letters", "list", "mail"), "the dead letter")
    assert "body: is not a text" in listed[0]["reason"]
    (shown,) = typed.lines("dead-letters", "show", "mail", listed[0]["id"])
    assert "no body" in shown["body"]
    assert typed.lines("dead-letters", "redrive", "mail", "--id", listed[0]["id"], "--yes")[0]["redriven"] == 1
    eventually(lambda: typed.lines("dead-letters", "list", "mail"), "the dead letter again")
    deployed.receive("mail-dlq", containing="no body")
    figures = typed.lines("operations")[0]
    assert {queue["name"] for queue in figures["queues"]} >= {"mail", "history"}
    assert {key["name"] for key in typed.lines("keys", "list")} == {"signing-key", "app-keys"}
    assert "PUBLIC_URL" in {setting["name"] for setting in typed.lines("settings")}


def test_a_status_names_the_stack(typed):
    """The stack is looked at by the tools of the checkout, the rest by whoever signed in before."""
    typed.run("whoami")
    status = typed.begin("status", "--json", ROLLCALL_CHECKOUT=str(ROOT), ROLLCALL_API=typed.api)
    out, err = status.communicate(timeout=120)
    document = json.loads(out)
    assert document["health"]["stage"] == "local", err
    assert document["stack"]["stacks"][0]["status"].endswith("_COMPLETE"), document["stack"]
