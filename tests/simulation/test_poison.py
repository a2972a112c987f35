"""A record that can never succeed, wherever it is in a batch, is parked with its reason; its neighbours are applied
once, in the order of each record."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

import pytest

from tests.functional.streams import stream_event
from tests.replies import Reply, refused
from tests.simulation.process import Call, Fault
from tests.simulation.sources import settle
from tests.simulation.stage import simulated
from tests.simulation.stories import a_write, kinesis_record
from tests.simulation.test_disorder import an_event
from tests.unit.events.images import user

CANARY = "canary@mail.example"


@pytest.fixture
def stage(held_clock):
    with simulated() as made:
        yield made


def emptied(queue):
    """The messages of a dead-letter queue, which is empty then."""
    messages = queue.messages
    for message in messages:
        message.deleted = True
    return messages


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 2, 10, 100])
def test_a_change_that_makes_no_sense_is_parked_by_its_keys_and_others_keep_their_order(stage, size):
    source = stage.sources["on_user_change"]
    for poison in range(size):
        stage.published.clear()
        invocations = source.function.invocations
        for number in range(size):
            image = user(number + 1, email=CANARY, name=f"n{number}", email_verified=False)
            if number == poison:
                del image["updated_at"]
            (record,) = stream_event("users", (None, image))["Records"]
            source.put("U1", record)
        settle(source)
        assert [int(event["sequence"]) - 1 for event in stage.published] == [n for n in range(size) if n != poison]
        assert source.function.invocations == invocations + 1
        (parked,) = emptied(stage.queues["streams-dlq"])
        assert json.loads(parked.body) == {
            "source": "stream:users",
            "keys": {"keys": {"id": {"S": "U1"}}, "event": "INSERT"},
            "reason": "Malformed: a record of users without updated_at",
        }


@dataclass
class RefusedForGood(Fault):
    """AWS takes no call of this operation that carries this text."""

    operation: str
    text: str

    def before(self, call: Call) -> Reply | None:
        is_meant = call.operation == self.operation and self.text in str(call.given)
        return refused("InvalidParameter") if is_meant else None


@pytest.mark.slow
@pytest.mark.parametrize(("size", "places"), [(1, [0]), (2, [0, 1]), (10, range(10)), (100, [0, 50, 99])])
def test_a_change_that_can_never_be_published_is_parked_and_others_keep_their_order(stage, size, places):
    source = stage.sources["on_user_change"]
    for poison in places:
        stage.published.clear()
        invocations = source.function.invocations
        for number in range(size):
            name = CANARY if number == poison else "Ada"
            (record,) = stream_event("users", (None, user(number + 1, name=name, email_verified=False)))["Records"]
            source.put("U1", record)
        with stage.process.suffering(RefusedForGood("PublishBatch", CANARY)):
            settle(source)
        told = list(dict.fromkeys(int(event["sequence"]) - 1 for event in stage.published))
        assert told == [n for n in range(size) if n != poison]
        assert source.function.invocations == invocations + 1
        (parked,) = emptied(stage.queues["streams-dlq"])
        assert json.loads(parked.body)["keys"] == {"keys": {"id": {"S": "U1"}}, "event": "INSERT"}
        assert CANARY not in parked.body


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 2, 10])
def test_an_item_that_is_none_is_parked_and_its_neighbours_are_stored_once(stage, size):
    for poison in range(size):
        writes = [a_write(n, value=CANARY) for n in range(size)]
        writes[poison]["item_key"] = ".."
        for write in writes:
            stage.queues["items"].send({**write, "user_id": f"U{poison}"})
        settle(stage.sources["on_items"])
        stored = {row["item_key"]: row["version"] for row in stage.rows("items") if row["user_id"] == f"U{poison}"}
        assert stored == {f"k{n}": 1 for n in range(size) if n != poison}
        (parked,) = emptied(stage.queues["items-dlq"])
        reason = parked.attributes["reason"]["StringValue"]
        assert reason.startswith("Invalid: ")
        assert CANARY not in json.dumps(parked.attributes)


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 2, 10])
def test_an_item_on_kinesis_that_is_none_is_parked_by_its_place(stage, size):
    source = stage.sources["on_item_stream"]
    for poison in range(size):
        writes = [{**a_write(n, value=CANARY), "user_id": f"U{poison}"} for n in range(size)]
        writes[poison]["item_key"] = ".."
        for number, write in enumerate(writes):
            source.put("K", kinesis_record(base64.b64encode(json.dumps(write).encode()).decode(), f"s:{number}"))
        settle(source)
        stored = {row["item_key"]: row["version"] for row in stage.rows("items") if row["user_id"] == f"U{poison}"}
        assert stored == {f"k{n}": 1 for n in range(size) if n != poison}
        (parked,) = emptied(stage.queues["streams-dlq"])
        assert json.loads(parked.body)["keys"] == f"s:{poison}"
        assert CANARY not in parked.body


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "places"), [(1, [0]), (2, [0, 1]), (10, range(10)), (100, [0, 50, 99])], ids=["1", "2", "10", "100"]
)
def test_an_event_that_is_none_is_parked_and_its_neighbours_are_recorded_once(stage, caplog, size, places):
    """moto takes so long to record a hundred events that the poison is in three places of them only."""
    for poison in places:
        for number in range(size):
            happened = {**an_event(number), "id": f"users:{poison}:{number}:0", "data": {"email": CANARY}}
            if number == poison:
                del happened["sequence"]
            stage.queues["history"].send(happened)
        settle(stage.sources["on_history"])
        recorded = [row["at"].rpartition("#")[2] for row in stage.rows("history")]
        expected = [f"users:{poison}:{number}:0" for number in range(size) if number != poison]
        assert sorted(at for at in recorded if at.startswith(f"users:{poison}:")) == sorted(expected)
        (parked,) = emptied(stage.queues["history-dlq"])
        assert parked.attributes["reason"]["StringValue"] == "Malformed: a CloudEvent without sequence"
        assert CANARY not in json.dumps(parked.attributes)
    assert CANARY not in "\n".join(str(vars(record)) for record in caplog.records)
