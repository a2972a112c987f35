"""No operation takes more from AWS than its budget says, which `rollcall cost` counts with."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from app import app
from chalicelib.core.aws import clients
from chalicelib.core.http.declarations import routes_of
from chalicelib.core.settings import settings
from infra.functions import FUNCTIONS
from tests.functional import consumed, tour
from tools.cost.budgets import Budget
from tools.cost.consumers import CONSUMERS
from tools.cost.requests import REQUESTS

if TYPE_CHECKING:
    from tests.metering import Meter

pytestmark = pytest.mark.slow

ROUTES = {f"{route.method} {route.path}" for route in routes_of(app)}

UNBUDGETED = {
    "create_admin": "once for a stage",
    "export_segment": "by the megabytes of people",
    "finish_export": "by the megabytes of people",
    "on_item_stream": "as on_items",
    "on_job": "by the pages of a job",
    "on_client_change": "as on_user_change",
    "on_job_change": "as on_user_change",
    "observe_stage": "once a minute, while an operator looks",
    "operate_stage": "by the dead letters that there are",
    "put_items": "as on_items",
    "reapply_erasures": "after a restore",
    "reconcile": "as every_hour, by the hours that are asked for",
    "maintain_read_model": "once an hour, in a stage that has a read model",
    "on_read_model": "SQL takes its part, in a stage that has a read model: see `docs/read-model.md`",
    "on_segment_change": "as `on_client_change`, in a stage that has a read model",
    "operate_read_model": "an operator asks, now and then",
    "query_read_model": "SQL takes its part, and nothing else",
    "rotate_app_keys": "once a year",
    "rotate_signing_key": "once a month",
    "send_email": "one message on the queue of mails",
}
"""Functions without a budget, and why: what they do is rare, or that of another."""


def beyond(operation: str, budget: Budget, meter: Meter) -> list[str]:
    """What the operation took more than its budget."""
    found = [
        f"{operation}: {number} {name} for {budget.counted[name]}"
        for name, number in meter.calls.items()
        if number > budget.counted[name]
    ]
    amounts = ("reads", "writes", "kept", "logged")
    taken = [(name, getattr(meter, name), getattr(budget, name)) for name in amounts]
    return found + [f"{operation}: {took:g} {name} for {most:g}" for name, took, most in taken if took > most]


def test_every_request_keeps_to_its_budget(aws, state_machines, held_clock):
    with settings.held(failed_sign_in_milliseconds=-1):
        taken = tour.travel(aws, state_machines)
    requested = {name: meter for name, meter in taken.items() if name[0].isupper()}
    assert ROUTES <= requested.keys() == REQUESTS.keys()
    assert [fault for name, meter in requested.items() for fault in beyond(name, REQUESTS[name], meter)] == []
    handled = {name: meter for name, meter in taken.items() if name in CONSUMERS}
    assert [fault for name, meter in handled.items() for fault in beyond(name, CONSUMERS[name].of(1), meter)] == []


def faults_of(batches: consumed.Batches) -> list[str]:
    assert batches.keys() <= CONSUMERS.keys()
    return [
        fault
        for name, taken in batches.items()
        for records, meter in taken
        for fault in beyond(f"{name} × {records}", CONSUMERS[name].of(records), meter)
    ]


def test_events_keep_to_their_budgets_on_their_way_through_everything(aws, state_machines):
    assert faults_of(consumed.of_events(aws)) == []


def test_mails_keep_to_their_budgets(aws, held_clock):
    assert faults_of(consumed.of_mail(aws)) == []


def test_deliveries_keep_to_their_budgets(stage, receiver, state_machines):
    assert faults_of(consumed.of_webhooks(stage, receiver)) == []


def test_ends_of_sessions_keep_to_their_budgets(stage, receiver):
    assert faults_of(consumed.of_logouts(stage, receiver)) == []


def test_files_and_schedules_keep_to_their_budgets(aws, state_machines):
    assert faults_of(consumed.of_work(aws, state_machines)) == []


def test_the_sweep_keeps_to_its_budget(aws, held_clock):
    assert faults_of(consumed.of_sweep(aws)) == []


def test_every_function_has_a_budget_or_a_reason():
    budgeted = {name.partition(",")[0] for name in CONSUMERS} | {"api_handler"}
    assert budgeted | UNBUDGETED.keys() == {function.name for function in FUNCTIONS}
    assert not budgeted & UNBUDGETED.keys()


def test_more_than_a_budget_is_seen(aws):
    aws.put("guards", {"id": "limit#x", "schema": 1, "note": "x" * 1100})
    with consumed.metered() as meter:
        clients.table("guards").get({"id": "limit#x"})
        clients.table("guards").update({"id": "limit#x"}, set={"note": "x" * 1100})
    assert meter.calls == Counter(GetItem=1, UpdateItem=1)
    assert beyond("this", Budget("GetItem, UpdateItem", reads=1, writes=2), meter) == []
    assert beyond("this", Budget("GetItem", reads=0.5, writes=1), meter) == [
        "this: 1 UpdateItem for 0",
        "this: 1 reads for 0.5",
        "this: 2 writes for 1",
    ]
