"""A crash before and after any AWS call of any handler loses no change, leaves no orphan, mails once more at most."""

from __future__ import annotations

import pytest

from chalicelib.core.clock import held
from tests.builders import PASSWORD
from tests.conftest import NOW
from tests.functional.receivers import receiving
from tests.simulation import test_import_crashes
from tests.simulation.process import CrashAt
from tests.simulation.sources import Failed
from tests.simulation.stage import simulated
from tests.simulation.stories import HANDLERS, left
from tests.unit.appfile import handlers

REPEATED_BY_NOBODY = {
    *("create_admin", "observe_stage", "operate_stage"),
    *("query_read_model", "operate_read_model"),
}
"""Whoever invokes them looks what became of it, and asks again. A redrive that crashes loses nothing: each message is
sent before it is deleted (`functional/test_operating.py`). `create_admin` has its test at the end of this page."""

OVER_POSTGRESQL = {"on_read_model", "maintain_read_model", "on_segment_change"}
"""They crash in `tests/postgresql`, at statements too: a batch and its erasures, a rebuild's pages, the evaluation of
segments. What `on_segment_change` does is what its brothers here do, with another table."""


@pytest.fixture
def receiver(local_receivers):
    with receiving() as one:
        yield one


def told(story, receiver, *faults):
    """Tell a story in a stage of its own: the stage, and what is left when it is over. A delivery's id begins with
    the time of its event."""
    receiver.received.clear()
    with simulated() as stage:
        with stage.process.suffering(*faults):
            story(stage, receiver.url)
        return stage, left(stage) | {"delivered": {one.headers["webhook-id"][10:] for one in receiver.received}}


def test_every_handler_of_the_app_crashes_in_some_story():
    named = {handler for handlers_of_story in HANDLERS.values() for handler in handlers_of_story}
    assert named | set(test_import_crashes.HANDLERS) | REPEATED_BY_NOBODY | OVER_POSTGRESQL == handlers().keys()


def points(calls, handlers_of_story):
    """Every point at which some of the handlers can crash, as (n-th call, before it).

    To AWS a crash before a call is one after the call before it. Only `on_delivery` does something else in between,
    when it asks the endpoint, so its story has both.
    """
    yield 1, True
    for number in range(1, max(calls.values()) + 1):
        yield number, False
        if number > 1 and "on_delivery" in handlers_of_story:
            yield number, True


@pytest.mark.slow
@pytest.mark.parametrize("story", HANDLERS, ids=lambda story: story.__name__)
def test_a_crash_before_or_after_any_call_changes_nothing_in_the_end(story, receiver):
    """In each run every invocation of the story's handlers crashes once at its n-th call, and comes again."""
    with held(NOW):
        clean, expected = told(story, receiver)
    assert expected["dead"] == expected["waiting"] == []
    calls = {handler: clean.process.longest[handler] for handler in HANDLERS[story]}
    assert min(calls.values()) > 0, calls
    for number, before_it in points(calls, HANDLERS[story]):
        crash = CrashAt(number, HANDLERS[story], before_it)
        with held(NOW):
            stage, found = told(story, receiver, crash)
        assert crash.crashed.keys() >= {handler for handler in calls if calls[handler] >= number}, crash
        assert found == expected, crash
        assert stage.mails.total() <= clean.mails.total() + crash.crashed["on_mail"], crash
        assert max(stage.mails.values(), default=0) <= 2, crash


@pytest.mark.slow
def test_the_first_administrator_is_made_once_wherever_it_crashes(held_clock):
    """The password is in the answer alone, so whoever lost that asks again with force."""
    asked = {"email": "ann@example.com", "password": PASSWORD}
    with simulated() as stage:
        stage.invoke("create_admin", asked)
        calls = stage.process.longest["create_admin"]
    assert calls > 1
    for number in range(1, calls + 1):
        for before_it in (True, False):
            with simulated() as stage, stage.process.suffering(CrashAt(number, before_it=before_it)):
                with pytest.raises(Failed):
                    stage.functions["create_admin"].invoke(asked)
                if not stage.rows("users"):
                    stage.invoke("create_admin", asked)
                (person,) = stage.rows("users")
                kept = {"email#ann@example.com", f"password#{person['id']}"}
                assert {row["id"] for row in stage.rows("credentials")} >= kept
