"""A range of the feed is sent again, under its own ids, marked, a page at a time, whatever happens in between."""

from __future__ import annotations

import json

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from chalicelib.core.errors import Transient
from chalicelib.events.store import history
from chalicelib.job_runner.job_pages import run_job_pages
from chalicelib.jobs import jobs
from chalicelib.replays.model import CLAIM_SECONDS, PAGE_EVENTS, PAUSE_SECONDS
from chalicelib.replays.routes import replays as routes
from tests.cloudlike import topic_messages
from tests.functional.apps import ApiClient
from tests.functional.faults import Crash, crashing, failing
from tests.functional.streams import queue_event
from tests.functional.test_events_feed import happened

pytestmark = pytest.mark.usefixtures("held_clock")

ALL_DAY = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z"}


@pytest.fixture
def asker():
    """An administrator's client, without any AWS."""
    client = ApiClient(routes)
    client.sign_in("A1", "admin")
    return client


@pytest.fixture
def api(aws, asker):
    topic_messages(aws, "webhooks")
    return asker


@pytest.fixture
def pages(aws):
    """The pages that were queued, in that order; SQS itself would hold them back for a second."""
    with telemetry.recording() as seen:
        yield Pages(seen)


class Pages:
    def __init__(self, seen):
        self._seen = seen

    def __len__(self):
        return len(self.calls())

    def calls(self):
        return [
            call.parameters
            for call in self._seen.of("SendMessage")
            if call.parameters["QueueUrl"].endswith("jobs")
        ]

    def run(self, position):
        """Have one page arrive."""
        run_job_pages(queue_event("jobs", [self.calls()[position]["MessageBody"]]))

    def run_all(self, start=0):
        """Have each page arrive once, also those that come of it: how many."""
        ran = start
        while ran < len(self):
            self.run(ran)
            ran += 1
        return ran - start


def recorded(number):
    kinds = ("user.updated", "item.changed")
    for n in range(number):
        clock.tick(milliseconds=1)
        history().record([happened(n, kinds[n % 2])], 365)
    clock.tick(minutes=1)


def start(api, **fields):
    answer = api.call("POST", "/events/replay", {**ALL_DAY, **fields})
    assert answer.status == 202, answer.body
    return f"/events/replay/{answer.body['id']}"


def sent(aws):
    return sorted(event["id"] for event in aws.bodies("webhooks"))


def ids(*numbers):
    return sorted(f"users:U1:{n}:0" for n in numbers)


@pytest.mark.slow
def test_what_was_recorded_is_published_again_as_it_was(aws, api, pages):
    recorded(5)
    answer = api.call("POST", "/events/replay", ALL_DAY)
    assert answer.status == 202
    assert (answer.body["status"], answer.body["published"]) == ("waiting", 0)
    pages.run_all()
    again = sorted(aws.take("webhooks"), key=lambda taken: json.loads(taken["body"])["id"])
    for n, taken in enumerate(again):
        original = json.loads(next(r["event"] for r in aws.rows("history") if f":{n}:0" in r["at"]))
        assert json.loads(taken["body"]) == {**original, "replayed": "true"}
        assert taken["messageAttributes"]["replayed"]["stringValue"] == "true"
    assert len(again) == 5


@pytest.mark.slow
def test_progress_can_be_watched(aws, api, pages):
    recorded(PAGE_EVENTS + 20)
    until = clock.timestamp()
    job = start(api, to=until)
    clock.tick(minutes=1)
    first = api.call("GET", job).body
    assert (first["status"], first["published"], first["through"]) == ("waiting", 0, "2026-03-01T00:00:00.000Z")
    pages.run(0)
    midway = api.call("GET", job).body
    assert (midway["status"], midway["published"]) == ("running", PAGE_EVENTS)
    assert midway["through"] == "2026-03-01T12:00:00.100Z"
    pages.run_all(start=1)
    last = api.call("GET", job).body
    assert (last["status"], last["published"], last["through"]) == (
        "finished",
        PAGE_EVENTS + 20,
        last["options"]["to"],
    )
    assert len(aws.take("webhooks")) == PAGE_EVENTS + 20


@pytest.mark.slow
def test_pages_come_one_after_the_other_at_a_bounded_rate(api, pages):
    recorded(2 * PAGE_EVENTS + 1)
    start(api)
    assert pages.run_all() == 3
    assert [call["DelaySeconds"] for call in pages.calls()] == [0, PAUSE_SECONDS, PAUSE_SECONDS]


@pytest.mark.slow
def test_a_page_costs_one_publish_for_ten_events_and_two_writes(api, pages):
    recorded(30)
    start(api)
    with telemetry.recording() as seen:
        pages.run_all()
    assert len(seen.of("PublishBatch")) == 3
    assert len(seen.of("UpdateItem")) == 2
    assert not seen.of("PutItem", "Scan")


def test_only_the_range_and_the_types_that_were_asked_for(aws, api, pages):
    recorded(10)
    start(api, **{"from": "2026-03-01T12:00:00.003Z", "to": "2026-03-01T12:00:00.009Z", "types": ["user.updated"]})
    pages.run_all()
    assert sent(aws) == ids(2, 4, 6)


@pytest.mark.slow
def test_what_is_recorded_meanwhile_is_not_part_of_it(aws, api, pages):
    recorded(2)
    start(api)
    recorded(2)
    history().record([happened(9)], 365)
    pages.run_all()
    assert sent(aws) == ids(0, 1)


@pytest.mark.slow
def test_a_page_that_comes_twice_is_run_once_and_followed_once(aws, api, pages):
    recorded(PAGE_EVENTS + 5)
    job = start(api)
    for position in (0, 0, 1, 0, 1):
        pages.run(position)
    assert len(pages) == 2
    assert sent(aws) == ids(*range(PAGE_EVENTS + 5))
    assert api.call("GET", job).body["published"] == PAGE_EVENTS + 5


@pytest.mark.slow
def test_a_page_that_is_being_run_is_not_run_beside(aws, api, pages):
    recorded(3)
    start(api)
    with crashing("sns", "PublishBatch", after=False), pytest.raises(Crash):
        pages.run(0)
    with pytest.raises(Transient, match="1 records of jobs must come again"):
        pages.run(0)
    clock.tick(seconds=CLAIM_SECONDS)
    pages.run(0)
    assert sent(aws) == ids(0, 1, 2)


CALLS = [
    ("dynamodb", "UpdateItem", 0),
    ("sns", "PublishBatch", 3),
    ("sqs", "SendMessage", 0),
    ("dynamodb", "UpdateItem", 1),
]
"""Of a page that does not end its replay, what has an effect: claim, publish in tens, queue the next, write it down."""


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("service", "operation", "skip"), CALLS)
def test_a_crash_around_any_call_loses_no_event_and_ends_no_replay(
    aws, api, pages, service, operation, skip, after
):
    recorded(PAGE_EVENTS + 5)
    job = start(api)
    with crashing(service, operation, after=after, skip=skip), pytest.raises(Crash):
        pages.run(0)
    if len(pages) > 1 and api.call("GET", job).body["published"] == 0:
        with pytest.raises(Transient, match="1 records of jobs must come again"):
            pages.run(1)
    clock.tick(seconds=CLAIM_SECONDS)
    pages.run_all()
    seen = aws.bodies("webhooks")
    assert {event["id"] for event in seen} == set(ids(*range(PAGE_EVENTS + 5)))
    assert len(seen) <= 2 * PAGE_EVENTS + 5
    shown = api.call("GET", job).body
    assert (shown["status"], shown["published"]) == ("finished", PAGE_EVENTS + 5)


@pytest.mark.slow
def test_a_page_that_sns_does_not_take_comes_again(aws, api, pages):
    recorded(3)
    job = start(api)
    with (
        failing("sns", "PublishBatch", "Throttled", 429),
        pytest.raises(Transient, match="1 records of jobs must come again"),
    ):
        pages.run(0)
    assert api.call("GET", job).body["published"] == 0
    clock.tick(seconds=CLAIM_SECONDS)
    pages.run(0)
    assert sent(aws) == ids(0, 1, 2)


@pytest.mark.slow
def test_a_paused_replay_holds_and_goes_on_where_it_was(aws, api, pages):
    recorded(PAGE_EVENTS + 5)
    job = start(api)
    pages.run(0)
    for _ in range(2):
        paused = api.call("POST", f"{job}/pause")
        assert (paused.status, paused.body["status"], paused.body["published"]) == (200, "paused", PAGE_EVENTS)
    pages.run(1)
    assert len(aws.take("webhooks")) == PAGE_EVENTS
    assert len(pages) == 2
    for _ in range(2):
        assert api.call("POST", f"{job}/resume").body["status"] == "waiting"
    pages.run_all(start=2)
    assert sent(aws) == ids(*range(PAGE_EVENTS, PAGE_EVENTS + 5))
    assert api.call("GET", job).body["status"] == "finished"


@pytest.mark.slow
def test_a_pause_while_a_page_is_run_lets_it_finish_and_no_other_begin(aws, api, pages):
    recorded(PAGE_EVENTS + 5)
    job = start(api)
    with crashing("sqs", "SendMessage", after=True), pytest.raises(Crash):
        pages.run(0)
    api.call("POST", f"{job}/pause")
    clock.tick(seconds=CLAIM_SECONDS)
    pages.run_all()
    assert len(aws.take("webhooks")) == PAGE_EVENTS
    api.call("POST", f"{job}/resume")
    pages.run_all(start=len(pages) - 1)
    assert set(sent(aws)) == set(ids(*range(PAGE_EVENTS + 5)))


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("operation", "calls"),
    [("pause", ["UpdateItem"]), ("cancel", ["UpdateItem"]), ("resume", ["UpdateItem", "SendMessage"])],
)
def test_what_crashed_can_be_asked_for_again(aws, api, pages, operation, calls, after):
    recorded(2)
    job = start(api)
    for call in calls:
        with crashing("sqs" if call == "SendMessage" else "dynamodb", call, after=after), pytest.raises(Crash):
            api.call("POST", f"{job}/{operation}")
    answer = api.call("POST", f"{job}/{operation}")
    expected = {"pause": "paused", "cancel": "cancelled", "resume": "waiting"}
    assert (answer.status, answer.body["status"]) == (200, expected[operation])
    pages.run_all()
    assert sent(aws) == (ids(0, 1) if operation == "resume" else [])


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_replay_whose_first_page_was_never_queued_can_be_found_and_resumed(aws, api, pages, after):
    recorded(2)
    with (
        crashing("dynamodb" if after else "sqs", "PutItem" if after else "SendMessage", after=after),
        pytest.raises(Crash),
    ):
        api.call("POST", "/events/replay", ALL_DAY)
    (lost,) = api.call("GET", "/events/replay").body["items"]
    assert lost["status"] == "waiting"
    api.call("POST", f"/events/replay/{lost['id']}/resume")
    pages.run(-1)
    assert sent(aws) == ids(0, 1)


def test_a_cancelled_replay_sends_nothing_more(aws, api, pages):
    recorded(2)
    job = start(api)
    for _ in range(2):
        cancelled = api.call("POST", f"{job}/cancel")
        assert (cancelled.status, cancelled.body["status"]) == (200, "cancelled")
    pages.run_all()
    assert sent(aws) == []
    assert [api.call("POST", f"{job}/{asked}").status for asked in ("pause", "resume")] == [409, 409]


@pytest.mark.slow
def test_what_is_finished_stays_so(api, pages):
    job = start(api)
    pages.run_all()
    assert api.call("GET", job).body["status"] == "finished"
    assert [api.call("POST", f"{job}/{asked}").status for asked in ("pause", "resume", "cancel")] == [409] * 3


def test_replays_are_listed_newest_first(api):
    made = []
    for _ in range(3):
        clock.tick(seconds=1)
        made.insert(0, start(api).rpartition("/")[2])
    first = api.call("GET", "/events/replay?limit=2").body
    second = api.call("GET", f"/events/replay?limit=2&cursor={first['next']}").body
    assert [shown["id"] for shown in first["items"] + second["items"]] == made


def test_the_same_request_again_begins_no_second_replay(api, pages):
    first = api.call("POST", "/events/replay", ALL_DAY, Idempotency_Key="k1")
    second = api.call("POST", "/events/replay", ALL_DAY, Idempotency_Key="k1")
    assert first.body == second.body
    assert len(pages) == 1


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["from", "to"]),
        ({"from": "yesterday", "to": 5}, ["from", "to"]),
        ({**ALL_DAY, "to": ALL_DAY["from"]}, ["to"]),
        ({**ALL_DAY, "from": "2026-03-01T00:00:00"}, ["from"]),
        ({**ALL_DAY, "types": ["user.updated", "user.exploded"], "webhook": ""}, ["types.1", "webhook"]),
        ({**ALL_DAY, "queue": "mail"}, ["queue"]),
    ],
)
def test_a_wrong_request_names_every_wrong_field(asker, body, fields):
    answer = asker.call("POST", "/events/replay", body)
    assert answer.status == 422
    assert sorted(error["field"] for error in answer.body["errors"]) == fields


CONTROLS = [("POST", "/J1/pause"), ("POST", "/J1/resume"), ("POST", "/J1/cancel"), ("GET", "/J1"), ("GET", "")]


@pytest.mark.parametrize(("method", "path"), [*CONTROLS, ("POST", "")])
def test_replays_are_for_administrators(method, path):
    api = ApiClient(routes)
    api.sign_in("U1", "support")
    assert api.call(method, f"/events/replay{path}", ALL_DAY if not path else None).status == 403


@pytest.mark.parametrize(("method", "path"), CONTROLS[:-1])
def test_another_kind_of_job_is_no_replay(api, method, path):
    made, _ = jobs().create("import", "J1")
    assert api.call(method, f"/events/replay{path}").status == 404
    assert jobs().get("J1") == made
