"""What a function is invoked for: each change that makes an event, and as few others as may be."""

from __future__ import annotations

import json

import pytest

from chalicelib.events.change import events_of
from infra import template
from infra.functions import FUNCTIONS, SESSION_CHANGES
from infra.stage import ALL_ON, Stage
from tests.functional.streams import stream_event
from tests.unit.events.images import URL, session, tombstone

REFRESHED = session(2, refresh_hash="another", counter=1)
CHANGES = {
    "begun": (None, session()),
    "refreshed": (session(), REFRESHED),
    "ended": (REFRESHED, tombstone(session(3), reason="signed_out")),
    "reused": (session(), tombstone(session(2), reason="reuse")),
    "expired": (REFRESHED, None),
    "forgotten": (tombstone(session(3), reason="signed_out"), None),
}


def fits(pattern, part) -> bool:
    """Whether a record fits a pattern of names, texts and `exists`, as Lambda compares them."""
    if isinstance(pattern, dict):
        return all(
            fits(wanted, part.get(name) if isinstance(part, dict) else None) for name, wanted in pattern.items()
        )
    return any((part is not None) == one["exists"] if isinstance(one, dict) else part == one for one in pattern)


def is_invoked(pair) -> bool:
    (record,) = stream_event("sessions", pair)["Records"]
    return any(fits(pattern, record) for pattern in SESSION_CHANGES)


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_of_a_session_that_makes_an_event_invokes(change):
    old, new = CHANGES[change]
    made = events_of("sessions", old, new, expired=new is None, public_url=URL)
    assert is_invoked((old, new)) or not made


def test_a_refresh_invokes_nothing():
    assert not is_invoked(CHANGES["refreshed"])


def test_the_template_has_the_patterns_of_each_function():
    resources = template.merge(Stage("prod", {}))["Resources"]
    (source,) = resources["OnSessionChange"]["Properties"]["Events"].values()
    patterns = [json.loads(entry["Pattern"]) for entry in source["Properties"]["FilterCriteria"]["Filters"]]
    assert patterns == list(SESSION_CHANGES)
    assert [function.stream for function in FUNCTIONS if function.filters] == ["sessions"]
    assert {function.stream for function in FUNCTIONS if function.stream} == set(Stage("prod", ALL_ON).streams)


def test_api_gateway_alone_decides_what_is_traced():
    rule = template.merge(Stage("prod", {}))["Resources"]["ApiSampling"]["Properties"]["SamplingRule"]
    assert (rule["ServiceName"], rule["ReservoirSize"]) == ("rollcall-prod/api", 0)
    assert [function.name for function in FUNCTIONS if function.is_traced] == ["api_handler"]


@pytest.mark.parametrize("emulated", [False, True])
def test_lambda_logs_nothing_of_its_own_where_all_goes_well(emulated):
    resources = template.merge(Stage("local" if emulated else "prod", {}, emulated=emulated))["Resources"]
    logging = resources["APIHandler"]["Properties"]["LoggingConfig"]
    assert logging.get("SystemLogLevel") == (None if emulated else "WARN")
