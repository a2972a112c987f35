"""A request costs the same among few people and among many: its calls and its units, counted."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib import accounts
from chalicelib.connections import connections
from chalicelib.core import clock
from chalicelib.core.aws import clients
from infra import policies
from infra.functions import FUNCTIONS
from infra.stage import Stage
from tests.builders import PASSWORD, a_user
from tests.functional.apps import ApiClient, blueprints
from tests.functional.serial import one_call_at_a_time
from tests.functional.visitors import Visitor
from tests.metering import metered

FEW, MANY = 60, 1200
"""People of one age and one first name: more than a result page either way."""

ASKED = (
    "/me",
    "/sessions",
    "/me/items",
    "/users/U-asks",
    "/users/U-asks/history",
    "/users?age=36",
    "/users?name=ada",
    "/users?email=ada@maths.example",
    "/users?role=admin",
    "/imports",
    "/webhooks",
)


class Asker(Visitor):
    """An administrator of the whole app."""

    def __init__(self) -> None:
        ApiClient.__init__(self, *blueprints())
        self.access_token = self.refresh_token = ""


def taken(aws: Any, number: int) -> dict[str, tuple[Any, ...]]:
    """What each request took, among so many people with a session, an item and an event each."""
    for n in range(number):
        person = accounts.new_person(
            id=f"U{n}", email=f"ada{n}@maths.example", name=f"Ada {n}", age=36, source="registration"
        )
        aws.put("users", dict(person))
        aws.put("sessions", {"id": f"S{n}", "user_id": f"U{n}", "expires_at": clock.epoch() + 9, "version": 1})
        aws.put("history", {"subject": f"U{n}", "at": f"{clock.timestamp()}#x", "event": "{}", "type": "x"})
    a_user(id="U-asks", email="ada@maths.example", password=PASSWORD, roles=["admin"], name="Ada", age=36)
    asker, found = Asker(), {}

    def measure(title: str, ask: Any) -> None:
        with metered() as meter:
            answer = ask()
        assert answer.status < 300, (title, answer.body)
        found[title] = (meter.calls, meter.reads, meter.writes)

    measure("sign in", lambda: asker.enter("ada@maths.example"))
    measure("refresh", asker.refresh)
    for path in ASKED:
        measure(path, lambda path=path: asker.call("GET", path))
    return found


@pytest.mark.slow
def test_a_request_takes_the_same_among_many_people_as_among_few(aws, held_clock):
    connections().enabled()  # which a process reads once a minute
    with one_call_at_a_time():
        few = taken(aws, FEW)
        for table in ("users", "sessions", "history", "credentials", "guards"):
            for row in aws.rows(table):
                keys = {"history": ("subject", "at")}.get(table, ("id",))
                clients.table(table).delete({key: row[key] for key in keys})
        assert taken(aws, MANY) == few


def test_no_function_may_read_a_whole_table_but_those_of_long_jobs():
    """Whatever the app is asked or told of: IAM would not let it scan. An export is of everybody, a read model
    is filled with everybody, and a job's page may look through them for hashes that take long."""
    stage = Stage("prod", {})
    scanning = {
        function.name
        for function in FUNCTIONS
        for allow in policies.statements(stage, function)
        if "dynamodb:Scan" in allow.actions
    }
    assert scanning == {"export_segment", "on_job", "on_read_model"}
