"""Faults happen where they are said to: before the effect or after it, to a share of the calls, the same by a seed."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from chalicelib.core.aws import clients
from chalicelib.core.aws.parallel import in_parallel
from tests.functional.faults import Crash
from tests.simulation.process import CrashAt, Leftovers, Throttled, TimedOut
from tests.simulation.stage import simulated


@pytest.fixture
def stage(held_clock):
    with simulated(seed=1) as made:
        yield made


def put(number):
    clients.table("guards").put({"id": f"g{number}"})


def there(stage):
    return sorted(row["id"] for row in stage.cloud.rows("guards"))


@pytest.mark.parametrize(("before_it", "kept"), [(True, ["g1"]), (False, ["g1", "g2"])])
def test_a_crash_ends_the_process_before_or_after_the_effect(stage, before_it, kept):
    with stage.process.suffering(CrashAt(2, before_it=before_it)), stage.process.working("f"):
        put(1)
        for number in (2, 3):
            with pytest.raises(Crash):
                put(number)
    assert there(stage) == kept


def test_after_a_crash_no_thread_calls_any_more(stage):
    with (
        stage.process.suffering(CrashAt(3)),
        pytest.raises(Crash),
        stage.process.working("f"),
    ):
        in_parallel(put, range(20), 8)
    assert len(there(stage)) == 3


def test_a_new_process_begins_after_a_crash(stage):
    with stage.process.suffering(CrashAt(1)):
        with pytest.raises(Crash), stage.process.working("f"):
            put(1)
        with stage.process.working("f"):
            put(2)
    assert there(stage) == ["g1", "g2"]


def test_what_the_test_itself_does_is_never_faulty(stage):
    with stage.process.suffering(Throttled(1), CrashAt(1)):
        put(1)
    assert there(stage) == ["g1"]
    assert stage.process.calls == {}


def tried(stage, fault, error, times=40):
    """Which of many calls the fault let through, as the code saw it."""
    seen = []
    with stage.process.suffering(fault), stage.process.working("f"):
        for number in range(times):
            try:
                put(number)
            except error:
                continue
            seen.append(f"g{number}")
    return sorted(seen)


def test_a_share_of_calls_is_throttled_without_effect(stage):
    seen = tried(stage, Throttled(0.3), ClientError)
    assert 20 < len(seen) < 36
    assert there(stage) == seen


def test_the_same_seed_makes_the_same_faults(held_clock):
    def run(seed):
        with simulated(seed) as stage:
            return tried(stage, Throttled(0.3), ClientError)

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_a_time_out_before_the_effect_has_none(stage):
    seen = tried(stage, TimedOut(0.3, after_effect=False), ConnectTimeoutError)
    assert 20 < len(seen) < 36
    assert there(stage) == seen


def test_a_time_out_after_the_effect_hides_it(stage):
    seen = tried(stage, TimedOut(0.3, after_effect=True), ReadTimeoutError)
    assert 20 < len(seen) < 36
    assert len(there(stage)) == 40


def test_a_batch_read_leaves_half_of_its_keys(stage):
    for number in range(5):
        put(number)
    client, keys = clients.client("dynamodb"), [{"id": {"S": f"g{number}"}} for number in range(5)]
    name = clients.table("guards").name
    with stage.process.suffering(Leftovers(1)), stage.process.working("f"):
        answer = client.batch_get_item(RequestItems={name: {"Keys": keys}})
    assert len(answer["Responses"][name]) == 3
    assert answer["UnprocessedKeys"] == {name: {"Keys": keys[3:]}}


def test_a_batch_write_leaves_half_of_its_items(stage):
    name = clients.table("guards").name
    writes = [{"PutRequest": {"Item": {"id": {"S": f"g{number}"}}}} for number in range(4)]
    with stage.process.suffering(Leftovers(1)), stage.process.working("f"):
        answer = clients.client("dynamodb").batch_write_item(RequestItems={name: writes})
    assert there(stage) == ["g0", "g1"]
    assert answer["UnprocessedItems"] == {name: writes[2:]}


def test_a_batch_of_messages_leaves_half_of_its_entries(stage):
    entries = [{"Id": str(number), "MessageBody": str(number)} for number in range(3)]
    with stage.process.suffering(Leftovers(1)), stage.process.working("f"):
        answer = clients.client("sqs").send_message_batch(
            QueueUrl=f"https://sqs.eu-central-1.amazonaws.com/1/{'rollcall-test-items'}", Entries=entries
        )
    assert [entry["Id"] for entry in answer["Failed"]] == ["2"]
    assert stage.queues["items"].bodies == [0, 1]
