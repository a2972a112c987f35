"""A whole life with canaries in it: secrets turn up nowhere but as hashes among the credentials, personal data in no
log, error, name or URL, and after the erasure in no table."""

from __future__ import annotations

import base64
import io
import json
import logging
import re
from contextlib import contextmanager, redirect_stdout

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.names import APP, BUCKETS, PARKED, QUEUES, TABLES
from chalicelib.core.settings import settings
from tests.builders import an_admin
from tests.cloudlike import stage
from tests.conftest import NOW
from tests.functional.importing import StateMachines
from tests.functional.receivers import receiving
from tests.functional.whole import Someone, whole

ROOT_PASSWORD = "root canary lantern nine"
PASSWORDS = ("first canary lantern nine", "second canary lantern nine", "third canary lantern nine")
WRONG = "wrong canary lantern nine"
HASH = "$argon2id$v=19$m=4096,t=3,p=1$Y2FuYXJ5Y2FuYXJ5$QL6e1vZkN3i1c2VjcmV0Y2FuYXJ5MDEyMzQ1Njc4OTA"

ADDRESSES = ("canary.first@maths.example", "canary.second@maths.example", "canary.third@maths.example")
IMPORTED, INVITED = "canary.imported@maths.example", "canary.invited@maths.example"
PERSONAL = (
    "canary.first",
    "canary.second",
    "canary.third",
    "canary.imported",
    "canary.invited",
    "Canary Lovelace",
    "canary-attribute",
    "canary-metadata",
    "canary-value",
    "canary-agent",
    "1985-06-07",
)

ABOUT_PEOPLE = ("user.*", "session.*", "item.*")
"""What the endpoint gets, whose answers repeat what it was told."""


@pytest.fixture(scope="module")
def life():
    """A life that was led to its end, once for all tests, and what there was to see before and after that."""
    allowing = settings.held(outbound_allow_http=True)
    with allowing, clock.held(NOW), stage() as aws, receiving() as receiver:
        receiver.body, receiver.status = b'{"echo": "canary-value Canary Lovelace"}', 200
        with whole(aws) as everything, logged() as lines, redirect_stdout(lines):
            led = Life(aws, everything, receiver)
            led.lead()
            led.before = rows(aws)
            led.parked = left_on(aws, [*(f"{queue}-dlq" for queue in QUEUES), *PARKED])
            led.end()
            led.logs = lines.getvalue()
            yield led


@contextmanager
def logged():
    """Every log line of the block, as CloudWatch would get it; metrics are printed beside them."""
    logger, lines = logging.getLogger(APP), io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(logger.handlers[0].formatter)
    logger.addHandler(handler)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)


class Life:
    """Somebody's life in the stage, step by step; `secrets` are all that were ever secret in it."""

    def __init__(self, aws, stage, receiver) -> None:
        self.aws, self.stage, self.receiver = aws, stage, receiver
        an_admin(id="ROOT", email="root@rollcall.example", password=ROOT_PASSWORD)
        stage.settle()
        self.root, self.ada = Someone(stage), Someone(stage)
        self.root.enter("root@rollcall.example", ROOT_PASSWORD)
        self.secrets = [ROOT_PASSWORD, *PASSWORDS, WRONG]
        self.receipts = []

    def done(self, answer, status):
        assert answer.status == status, answer
        return answer.body

    def lead(self) -> None:
        """From a registration to the day before the deletion."""
        self.open_a_webhook()
        self.register()
        self.sign_in()
        self.change_things()
        self.forget_and_change_passwords()
        self.change_address()
        self.import_and_invite()
        self.leave_dead_letters()

    def open_a_webhook(self) -> None:
        hook = self.done(
            self.root.call("POST", "/webhooks", {"url": self.receiver.url, "types": list(ABOUT_PEOPLE)}), 201
        )
        self.secrets.append(hook["secret"].removeprefix("whsec_"))

    def register(self) -> None:
        profile = {"name": "Canary Lovelace", "birthdate": "1985-06-07", "attributes": {"k": "canary-attribute"}}
        new = {"email": ADDRESSES[0], "password": PASSWORDS[0], **profile}
        self.done(self.ada.call("POST", "/users", new), 202)
        self.done(self.ada.call("POST", "/users", new), 202)
        self.done(self.ada.call("POST", "/users", {**new, "password": "canary"}), 422)
        self.done(self.ada.call("POST", "/users/resend-confirmation", {"email": ADDRESSES[0]}), 202)
        token = self.mailed()
        self.done(self.ada.call("POST", "/users/confirm", {"token": token, "password": WRONG}), 422)
        self.id = self.done(
            self.ada.call("POST", "/users/confirm", {"token": token, "password": PASSWORDS[0]}), 201
        )["id"]
        self.done(self.ada.call("POST", "/users", new), 202)

    def sign_in(self) -> None:
        self.done(self.ada.enter(ADDRESSES[0], WRONG), 401)
        self.done(self.ada.enter(ADDRESSES[0], PASSWORDS[0], User_Agent="canary-agent"), 201)
        self.done(self.ada.refresh(), 200)
        self.secrets += [self.ada.access_token, self.ada.refresh_token]

    def change_things(self) -> None:
        self.done(self.ada.call("PATCH", "/me", {"name": "Canary Lovelace II"}), 200)
        self.done(self.ada.call("PATCH", "/me", {"age": "canary-value", "attributes": "canary-attribute"}), 422)
        self.done(self.root.call("PATCH", f"/users/{self.id}", {"metadata": {"k": "canary-metadata"}}), 200)
        self.done(self.ada.call("PUT", "/me/items/note", {"item_value": {"v": "canary-value"}}), 200)
        self.secrets.append(self.done(self.ada.call("POST", "/me/totp"), 201)["secret"])

    def forget_and_change_passwords(self) -> None:
        change = {"current_password": PASSWORDS[0], "new_password": PASSWORDS[1]}
        self.done(self.ada.call("PUT", "/me/password", {**change, "current_password": WRONG}), 422)
        self.done(self.ada.call("PUT", "/me/password", change), 204)
        self.done(self.ada.call("POST", "/password-resets", {"email": ADDRESSES[0]}), 202)
        reset = {"token": self.mailed(), "password": PASSWORDS[2]}
        self.done(self.ada.call("POST", "/password-resets/confirm", reset), 204)
        self.done(self.ada.enter(ADDRESSES[0], PASSWORDS[2], User_Agent="canary-agent"), 201)

    def change_address(self) -> None:
        self.done(self.ada.call("PUT", "/me/email", {"email": ADDRESSES[2]}), 202)
        self.done(self.ada.call("PUT", "/me/email", {"email": ADDRESSES[1]}), 202)
        self.done(self.ada.call("POST", "/me/email/confirm", {"token": self.mailed()}), 200)
        self.done(self.ada.call("POST", "/sessions/email", {"email": ADDRESSES[1]}), 202)
        self.mailed()

    def import_and_invite(self) -> None:
        row = {"email": IMPORTED, "name": "Canary Lovelace", "password_hash": HASH}
        bad = {"email": "canary.imported", "name": "Canary Lovelace", "password_hash": WRONG}
        state_machines = StateMachines(self.aws)
        job = state_machines.drop(json.dumps([row, bad]).encode())
        assert (job["counts"]["created"], job["counts"]["failed"]) == (1, 1)
        self.stage.settle()
        invited = {"email": INVITED, "name": "Canary Lovelace"}
        for _ in range(2):
            body = self.done(self.root.call("POST", "/users/invite", invited, Idempotency_Key="canary-key"), 201)
        self.others = [body["id"], *(row["id"] for row in self.aws.rows("users") if row.get("import_job"))]

    def leave_dead_letters(self) -> None:
        """What is wrong is kept as it came, so that it can be mended."""
        clients.send("items", json.dumps({"items": [{"user_id": self.id, "item_value": "canary-value"}]}))
        clients.send("mail", json.dumps({"to": "no address", "subject": "s", "body": "canary-value"}))
        self.stage.settle()

    def end(self) -> None:
        """Everybody is deleted and erased, and something comes late."""
        self.done(self.ada.call("GET", "/me/export"), 200)
        late = [body for body in self.stage.messages["history"] if "Canary Lovelace" in body]
        for user_id in self.others:
            self.receipts.append(self.done(self.root.call("DELETE", f"/users/{user_id}"), 202)["id"])
        self.receipts.append(self.done(self.ada.call("DELETE", "/me"), 202)["id"])
        clock.tick(minutes=5)
        for body in late:
            clients.send("history", body)
            clients.send("webhooks", body)
        write = {"item_id": "i", "item_key": "late", "item_value": "canary-value", "at": clock.timestamp()}
        clients.send("items", json.dumps({"user_id": self.id, **write}))
        self.stage.settle()

    def mailed(self) -> str:
        token = self.stage.code()
        self.secrets.append(token)
        return token


def rows(aws) -> dict[str, str]:
    """What every table holds, as text; bytes and JSON within as they read."""
    return {table: "\n".join(json.dumps(row, default=_readable) for row in aws.rows(table)) for table in TABLES}


def _readable(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else sorted(value)


def left_on(aws, queues) -> dict[str, str]:
    return {queue: "\n".join(repr(record) for record in aws.take(queue)) for queue in queues}


def found(canaries, places) -> list[tuple[str, str]]:
    """Which canaries turned up where, in any spelling that JSON or base64 gives them."""
    spelled = {canary: {canary, json.dumps(canary)[1:-1], _base64(canary)} for canary in canaries}
    return [
        (canary, place)
        for place, text in places.items()
        for canary, spellings in spelled.items()
        if any(spelling in text for spelling in spellings)
    ]


def _base64(text: str) -> str:
    """What of a text's base64 does not depend on what follows it."""
    return base64.b64encode(text.encode()).decode().rstrip("=")[: len(text) * 4 // 3 - 1]


def errors_of(life) -> str:
    return "\n".join(json.dumps(answer.body) for answer in life.stage.answers if answer.status >= 400)


@pytest.mark.slow
def test_secrets_are_nowhere_but_as_hashes_among_the_credentials(life):
    secrets = {*life.secrets, *life.ada.shown, *life.root.shown}
    assert len(secrets) > 15
    places = {
        **life.before,
        **{f"messages of {queue}": "\n".join(bodies) for queue, bodies in life.stage.messages.items()},
        **life.parked,
        "deliveries' bodies": "\n".join(request.body.decode() for request in life.receiver.received),
        "errors": errors_of(life),
        "logs": life.logs,
    }
    assert '"message":"request"' in places["logs"]
    assert found(secrets, places) == []
    assert {place for _, place in found(["$argon2id$"], places)} == {"credentials"}
    objects = life.aws.objects("work").items()
    work = {key: body.decode("latin-1") for key, body in objects if "/chunks/" not in key}
    assert work
    assert found([*secrets, "$argon2id$"], work) == []


@pytest.mark.slow
def test_personal_data_are_in_no_log_error_name_or_url(life):
    names = [key for bucket in BUCKETS for key in life.aws.objects(bucket)]
    urls = [answer.headers.get("Location", "") for answer in life.stage.answers]
    paths = [request.path for request in life.receiver.received]
    links = re.findall(r"https?://[^\s\"\\]+", "\n".join(life.stage.mails))
    assert links
    places = {"logs": life.logs, "errors": errors_of(life), "names": "\n".join([*names, *urls, *paths, *links])}
    assert found(PERSONAL, places) == []


@pytest.mark.slow
def test_after_the_erasure_nothing_is_left_in_any_table(life):
    there = {place for _, place in found(PERSONAL, life.before)}
    assert there >= {"users", "credentials", "sessions", "intents", "items", "history", "deliveries"}
    assert found([*PERSONAL, *life.secrets], rows(life.aws)) == []


@pytest.mark.slow
def test_every_receipt_is_kept_and_names_nobody(life):
    for receipt in life.receipts:
        erasure = life.root.call("GET", f"/erasures/{receipt}").body
        assert erasure["status"] == "finished"
        assert erasure["finished_at"] < erasure["erased_by"]
        assert found(PERSONAL, {"receipt": json.dumps(erasure)}) == []
    counts = erasure["counts"]
    assert all(counts[table] for table in ("factors", "sessions", "items", "mail", "deliveries", "history")), (
        counts
    )
