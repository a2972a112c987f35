"""Dead letters are listed without being consumed, and redriven: to their queue, by what recovers them, or not."""

from __future__ import annotations

import json

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import batch, clients, records
from chalicelib.core.errors import Malformed
from chalicelib.core.settings import settings
from chalicelib.events.history import record_history
from chalicelib.events.reconciliation import reconcile
from chalicelib.events.stream_changes import publish_changes
from tests.builders import EVENT
from tests.cloudlike import NAMES, topic_messages
from tests.dead_letters import listed, redriven
from tests.functional.faults import Crash, crashing, listening
from tests.functional.operated import STAGE, functions
from tests.functional.streams import queue_event, stream_event

SECRET = "ada@example.com"
WRONG_MAIL = json.dumps({"to": SECRET, "subject": "Hello"})

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("aws")]


@pytest.fixture
def operated(aws):
    with functions():
        yield


def park(queue, *bodies):
    def refuse(_message):
        raise Malformed("no such thing")

    batch.from_queue(queue, queue_event(queue, bodies), refuse)


def park_changes(table, *without_version):
    publish_changes(table, stream_event(table, *[(None, record) for record in without_version]))


def a_person(**fields):
    person = records.new(id="U1", status="active", roles=[], source="registration", email_verified=False, **fields)
    clients.table("users").put(person)
    return person


@pytest.mark.usefixtures("operated")
class TestListing:
    def test_tells_what_is_parked_and_takes_nothing_away(self, aws):
        park("mail", WRONG_MAIL)
        park_changes("users", {"id": "U1", "updated_at": "T"})
        for _ in range(2):
            told = listed(STAGE)
            assert "mail: 1" in told
            assert "queue mail, tried 1 ×: Malformed: no such thing" in told
            assert "stream:users, tried 1 ×: Malformed: a record of users without version" in told
            assert "history" in told.partition("empty:")[2]
        assert [record["body"] for record in aws.take("mail-dlq")] == [WRONG_MAIL]

    def test_shows_contents_on_demand_alone(self):
        park("mail", WRONG_MAIL)
        assert SECRET not in listed(STAGE)
        assert SECRET in listed(STAGE, bodies=True)

    def test_says_how_many_it_did_not_list(self):
        park("history", *[json.dumps({**EVENT, "id": f"users:U{n}:1:0"}) for n in range(60)])
        told = listed(STAGE)
        assert "history: 60" in told
        assert told.count("queue history") == 50

    def test_a_producers_message_of_a_strange_form_hides_no_other(self, aws):
        park("items", json.dumps({"requestContext": 1}))
        park("mail", WRONG_MAIL)
        told = listed(STAGE)
        assert "items: 1" in told
        assert "mail: 1" in told
        assert "1 redriven, 0 kept" in redriven(STAGE, "items")
        assert len(aws.take("items")) == 1


@pytest.mark.usefixtures("operated")
class TestSendingBack:
    def test_moves_what_is_there_and_says_what_came_back(self, aws):
        park("history", json.dumps(EVENT), json.dumps({**EVENT, "id": "users:U1:1:1"}))
        told = redriven(STAGE, "history")
        assert "2 redriven, 0 kept; 0 there now" in told
        assert len(aws.take("history")) == 2

    def test_does_not_send_the_same_message_round_and_round(self, aws):
        """A consumer that refuses at once puts each message back while others are sent."""
        park("history", "not JSON", "nor this")
        sent = []

        def refused_again(**_):
            sent.extend(found := aws.take("history"))
            for record in found:
                park("history", record["body"])

        with listening(clients.client("sqs"), "after-call.sqs.DeleteMessageBatch", refused_again):
            told = redriven(STAGE, "history-dlq")
        assert len(sent) == 2
        assert "Malformed: no such thing" in told

    def test_loses_nothing_where_it_is_cut_off(self, aws):
        """A message is in both queues, and never in neither."""
        park("history", json.dumps(EVENT))
        with crashing("sqs", "DeleteMessageBatch", after=False), pytest.raises(Crash):
            redriven(STAGE, "history-dlq")
        assert (len(aws.take("history")), len(aws.take("history-dlq"))) == (1, 1)

    def test_of_nothing_says_so(self):
        assert "0 redriven, 0 kept; 0 there now" in redriven(STAGE, "mail-dlq")


class TestChanges:
    def test_a_record_is_told_as_it_is_now_and_once(self, aws):
        topic_messages(aws, "history")
        a_person(name="Ada")
        for _ in range(2):
            park_changes("users", {"id": "U1", "updated_at": "T"})
            with functions(reconcile=reconcile):
                told = redriven(STAGE, "streams-dlq")
            record_history({"Records": aws.take("history")})
            assert "1 redriven, 0 kept" in told
        (row,) = aws.rows("history")
        event = json.loads(row["event"])
        assert (event["id"], event["type"], event["reconciled"]) == ("users:U1:1:0", "user.registered", "true")
        assert "history has it already" in told

    @pytest.mark.parametrize(
        ("event_id", "table", "keys"),
        [
            ("users:auth0|a:b:3:0", "users", {"id": "auth0|a:b"}),
            ("items:U1/a/b:2:0", "items", {"user_id": "U1", "item_key": "a/b"}),
            ("jobs:J1:2:0", "jobs", {"id": "J1", "part": "job"}),
        ],
    )
    @pytest.mark.parametrize("source", ["stream:users", "sweep"])
    def test_an_event_that_sns_refused_is_found_by_its_id(self, source, event_id, table, keys):
        batch.park(source, {"event": event_id, "type": "t"}, "SNS refused it: InvalidParameter")
        queue = "streams-dlq" if source.startswith("stream") else "invocations-dlq"
        with functions(reconcile=lambda _: {"outcome": "published"}) as invoked:
            redriven(STAGE, queue)
        assert invoked == [("reconcile", {"table": table, "keys": keys})]

    def test_a_record_that_is_gone_or_still_makes_no_sense_is_kept(self, aws):
        aws.put("users", {"id": "U2", "updated_at": "T"})
        park_changes("users", {"id": "U1", "updated_at": "T"}, {"id": "U2", "updated_at": "T"})
        with functions(reconcile=reconcile):
            told = redriven(STAGE, "streams-dlq")
        assert "the record is gone" in told
        assert "a record of users without version" in told
        assert "0 redriven, 2 kept; 2 there now" in told
        assert len(aws.take("streams-dlq")) == 2

    def test_an_intent_is_answered_by_its_function(self):
        batch.park("stream:intents", {"keys": {"id": {"S": "I1"}}, "event": "INSERT"}, "KeyError")
        with functions(on_intent=lambda _: None) as invoked:
            redriven(STAGE, "streams-dlq")
        ((name, event),) = invoked
        (record,) = event["Records"]
        assert (name, record["dynamodb"]["Keys"]) == ("on_intent", {"id": {"S": "I1"}})
        assert NAMES.of("intents") in record["eventSourceARN"]

    def test_a_position_in_a_stream_is_swept_from_there(self):
        clients.send("streams-dlq", json.dumps(position("users", clock.timestamp())))
        clients.send("streams-dlq", json.dumps(position("intents", clock.timestamp())))
        with functions(reconcile=lambda _: {"published": 7}) as invoked:
            told = redriven(STAGE, "streams-dlq")
        assert invoked == [("reconcile", {"hours": 2})]
        assert "1 redriven, 1 kept" in told
        assert "who asked has to ask again" in told

    @pytest.mark.parametrize("first", ["", None, "yesterday"])
    def test_of_a_strange_form_are_kept_and_hinder_no_other(self, first):
        batch.park("stream:intents", {"keys": {"id": {"S": "I1"}}, "event": "INSERT"}, "KeyError")
        clients.send("streams-dlq", json.dumps(position("users", first)))
        clients.send("streams-dlq", json.dumps({"requestContext": 1}))
        with functions(on_intent=lambda _: None):
            told = redriven(STAGE, "streams-dlq")
        assert "1 redriven, 2 kept" in told
        assert "when its first record came" in told


class TestInvocations:
    def test_are_made_again_with_their_payload(self, aws):
        payload = {"to": SECRET, "subject": "s", "body": "b"}
        clients.send("invocations-dlq", json.dumps(envelope("send_email", payload)))
        with functions(send_email=lambda _: {"id": "1"}) as invoked:
            told = redriven(STAGE, "invocations-dlq")
        assert invoked == [("send_email", payload)]
        assert SECRET not in told
        assert aws.take("invocations-dlq") == []

    def test_that_fail_again_are_kept(self, aws):
        def broken(_):
            raise ValueError("still broken")

        clients.send("invocations-dlq", json.dumps(envelope("on_alert", {"Records": []})))
        with functions(on_alert=broken):
            assert "still broken" in redriven(STAGE, "invocations-dlq")
        assert len(aws.take("invocations-dlq")) == 1

    def test_of_a_schedule_are_made_again(self, aws):
        target = settings().arn("lambda", f"function:{NAMES.of('every_hour')}")
        aws.session.client("sqs").send_message(
            QueueUrl=settings().queue_url("invocations-dlq"),
            MessageBody=json.dumps({"id": "e1", "detail": {}}),
            MessageAttributes={"TARGET_ARN": {"DataType": "String", "StringValue": target}},
        )
        with functions(every_hour=lambda _: None) as invoked:
            redriven(STAGE, "invocations-dlq")
        assert invoked == [("every_hour", {"id": "e1", "detail": {}})]

    @pytest.mark.parametrize(
        ("body", "why"),
        [
            ({"source": "aws:s3", "keys": {"key": "imports/a.json"}, "reason": "no"}, "upload it again"),
            ({"source": "aws:sns", "keys": {"message_id": "m"}, "reason": "no"}, "not told again"),
            ({"hello": "world"}, "no keys"),
        ],
    )
    def test_without_a_payload_are_kept_and_it_is_said_what_to_do(self, aws, capsys, body, why):
        clients.send("invocations-dlq", json.dumps(body))
        with functions():
            assert why in redriven(STAGE, "invocations-dlq")
        assert len(aws.take("invocations-dlq")) == 1

    def test_of_another_stage_are_not_made(self):
        foreign = envelope("send_email", {})
        foreign["requestContext"]["functionArn"] = "arn:aws:lambda:r:a:function:rollcall-prod-send_email"
        clients.send("invocations-dlq", json.dumps(foreign))
        with functions() as invoked:
            assert "no function that may be repeated" in redriven(STAGE, "invocations-dlq")
        assert invoked == []


def envelope(function, payload):
    arn = settings().arn("lambda", f"function:{NAMES.of(function)}:$LATEST")
    context = {"functionArn": arn, "condition": "RetriesExhausted", "approximateInvokeCount": 3}
    return {"requestContext": context, "requestPayload": payload, "responsePayload": {"errorType": "ValueError"}}


def position(table, first):
    info = {"streamArn": settings().arn("dynamodb", f"table/{NAMES.of(table)}/stream/1")}
    context = {"functionArn": "", "condition": "RecordAgeExceeded", "approximateInvokeCount": 40}
    return {"requestContext": context, "DDBStreamBatchInfo": {**info, "approximateArrivalOfFirstRecord": first}}
