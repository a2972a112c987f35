"""Days on which AWS refuses, answers late, or loses a stream: what was accepted is there in the end, once."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from chalicelib.accounts import removal
from chalicelib.accounts.store import people
from chalicelib.core import clock
from chalicelib.core.retention import MAX_RECEIVES
from tests.builders import a_user
from tests.conftest import NOW
from tests.functional.receivers import receiving
from tests.simulation import stories
from tests.simulation.process import Leftovers, Throttled, TimedOut
from tests.simulation.sources import settle
from tests.simulation.stage import simulated
from tests.simulation.stories import left
from tests.simulation.test_disorder import an_event

pytestmark = pytest.mark.slow


@pytest.fixture
def receiver(local_receivers):
    with receiving() as one:
        yield one


BUSY = [stories.a_person_comes_and_changes, stories.other_records_change, stories.items_are_written]
BAD = {
    "throttled": [Throttled(0.3)],
    "lost on the way there": [TimedOut(0.3, after_effect=False)],
    "lost on the way back": [TimedOut(0.3, after_effect=True)],
    "half done": [Leftovers(0.5)],
}


def told(story, receiver, seed, faults=()):
    """Tell a story: what it leaves when what failed came again on a better day, and the stage."""
    with clock.held(NOW), simulated(seed) as stage:
        with stage.process.suffering(*faults):
            story(stage, receiver.url)
        stage.redrive()
        stage.settle()
        return left(stage), stage


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("story", BUSY, ids=lambda story: story.__name__)
def test_what_fails_in_a_third_of_all_calls_ends_as_what_does_not(story, bad, receiver):
    expected, clean = told(story, receiver, 0)
    for seed in (1, 2):
        found, stage = told(story, receiver, seed, BAD[bad])
        assert found == expected, seed
        most = max(max(queue.handed_out.values(), default=0) for queue in stage.queues.values())
        assert most <= MAX_RECEIVES, "a message is attempted no more often than its queue says"
        assert stage.process.calls.total() < 20 * clean.process.calls.total()


def test_a_day_without_streams_is_made_up_for_by_one_event_of_each_record(held_clock):
    chance, expected, persons = Random(7), set(), []
    with simulated() as stage:
        a_user(id="UNTOUCHED")
        stage.settle()
        for hour in range(24):
            clock.tick(minutes=20)
            persons.append(a_user(id=f"U{hour}", email=f"u{hour}@example.com"))
            expected.add(f"users:U{hour}:1:0")
            person = persons.pop(chance.randrange(len(persons))) if hour % 2 else None
            if person is not None and chance.random() < 0.5:
                people().change(person, lambda _: {"name": "Other"})
            elif person is not None:
                removal.remove(person)
            if person is not None:
                expected.discard(f"users:{person['id']}:1:0") if person["id"] == f"U{hour}" else None
                expected.add(f"users:{person['id']}:2:0")
            stage.lose_changes()
            clock.tick(minutes=40)
            stage.schedule("every_hour")
            stage.settle(timedelta(minutes=10))
            stage.lose_changes()
        told = [
            event for event in stage.published if event["id"].startswith("users:U") and "UNTOU" not in event["id"]
        ]
        assert sorted(event["id"] for event in told) == sorted(expected)
        assert all(event["reconciled"] == "true" for event in told)
        assert any(event["type"] == "user.deleted" for event in told)
        stage.published.clear()
        stage.schedule("every_hour")
        stage.settle(timedelta(minutes=10))
        assert stage.published == []


def test_a_reader_who_stops_and_resumes_misses_no_event_that_comes_late_twice_or_out_of_order(held_clock):
    chance, reader = Random(11), stories.api()
    seen, position, total = [], clock.timestamp(NOW), 120
    numbers = iter(chance.sample(range(total), total))
    with simulated(seed=11, copies=(1, 3)) as stage:
        for _ in range(total // 6):
            for number in (next(numbers) for _ in range(6)):
                stage.queues["history"].send(an_event(number), delay=chance.choice([0, 1, 30, 600]))
            clock.tick(seconds=chance.choice([1, 8, 45, 900, 4000]))
            settle(stage.sources["on_history"], within=timedelta(seconds=chance.choice([0, 5, 60])))
            if chance.random() < 0.5:
                events, position = _follow(reader, position, pages=chance.randint(1, 3))
                seen += events
        settle(stage.sources["on_history"])
        clock.tick(seconds=20)
        seen += _follow(reader, position, pages=100)[0]
    assert sorted(seen) == sorted(an_event(number)["id"] for number in range(total))


def _follow(reader, position, pages):
    """Up to so many pages of the feed: the ids read, and the position to go on from."""
    seen = []
    for _ in range(pages):
        answer = reader.call("GET", f"/events?limit=7&after={position}")
        assert answer.status == 200, answer.body
        seen += [event["id"] for event in answer.body["items"]]
        if answer.body["next"] == position:
            break
        position = answer.body["next"]
    return seen, position


def test_dead_letters_whose_cause_is_mended_are_redriven_without_any_effect_twice(receiver):
    story = stories.a_person_comes_and_changes
    expected, clean = told(story, receiver, 0)
    consumers = ("on_history", "on_user_event", "on_mail", "on_webhook")
    broken = Throttled(1, "AccessDeniedException", consumers)
    with clock.held(NOW), simulated() as stage:
        with stage.process.suffering(broken):
            story(stage, receiver.url)
        dead = {name: len(queue.messages) for name, queue in stage.queues.items() if queue.messages}
        assert dead.keys() == {"history-dlq", "insights-dlq", "mail-dlq", "webhooks-dlq"}
        assert left(stage)["history"] == []
        for _ in range(2):
            stage.redrive()
            stage.settle()
            assert left(stage) == expected
        assert stage.mails == clean.mails


def test_a_replay_of_everything_mails_nobody_and_counts_nothing(receiver):
    with clock.held(NOW), simulated() as stage:
        stories.a_person_comes_and_changes(stage, receiver.url)
        before, mails, published = left(stage), stage.mails.copy(), len(stage.published)
        clock.tick(minutes=1)
        stories.replay_all()
        stage.settle()
        after = left(stage)
        assert len(stage.published) == 2 * published
        assert sum(event.get("replayed") == "true" for event in stage.published) == published
        assert stage.mails == mails
        for what in ("insights", "history", "mail", "users", "published", "dead", "waiting"):
            assert after[what] == before[what], what
