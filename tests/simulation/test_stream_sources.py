"""The simulated stream and its mapping hold to what AWS documents of Lambda with DynamoDB streams and Kinesis.

https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core import clock
from tests.simulation.sources import Function, Queue, StreamMapping, settle

pytestmark = pytest.mark.usefixtures("held_clock")

ARN = "arn:aws:dynamodb:eu-central-1:123456789012:table/t/stream/1"
KINESIS = "arn:aws:kinesis:eu-central-1:123456789012:stream/s"


class Reader:
    """A handler that fails at some records, by their names, and keeps the batches it got."""

    def __init__(self, *poison, report=False):
        self.batches = []
        self.poison = set(poison)
        self.report = report

    def __call__(self, event, context):
        names = [record["dynamodb"]["Keys"]["id"]["S"] for record in event["Records"]]
        self.batches.append("".join(names))
        failed = [
            record["dynamodb"]["SequenceNumber"]
            for name, record in zip(names, event["Records"], strict=True)
            if name in self.poison
        ]
        if failed and not self.report:
            raise RuntimeError("on purpose")
        return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}


def stream(names, reader, arn=ARN, **options):
    made = StreamMapping(arn, Function("f", reader), **options)
    for name in names:
        made.put(name, {"dynamodb": {"Keys": {"id": {"S": name}}}})
    return made


def test_batches_come_in_order_and_once():
    reader = Reader()
    settle(stream("abcdefg", reader, batch_size=3))
    assert reader.batches == ["abc", "def", "g"]


def test_a_failing_batch_holds_up_what_is_behind_it_until_it_succeeds():
    reader = Reader("b")
    source = stream("abcd", reader, batch_size=2)
    source.poll()
    clock.tick(minutes=1)
    source.poll()
    reader.poison.clear()
    settle(source)
    assert reader.batches == ["ab", "ab", "ab", "cd"]


def test_retries_end_and_the_place_of_the_batch_is_told_without_its_data():
    reader, told = Reader("b"), Queue("streams-dlq")
    settle(stream("abcd", reader, batch_size=2, retries=2, on_failure=told))
    assert reader.batches == ["ab", "ab", "ab", "cd"]
    (record,) = told.bodies
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 3
    info = record["DDBStreamBatchInfo"]
    assert (info["startSequenceNumber"], info["endSequenceNumber"], info["batchSize"]) == ("100", "101", 2)
    assert info["streamArn"] == ARN
    assert "Keys" not in str(record)


def test_without_a_limit_a_batch_is_tried_until_the_stream_forgets_it():
    reader = Reader("a")
    source = stream("a", reader)
    settle(source)
    assert [record.key for record in source.lost] == ["a"]
    assert clock.now() - source.lost[0].at >= timedelta(hours=24)


def test_a_record_above_the_mapping_s_age_is_given_up():
    reader, told = Reader("a"), Queue("streams-dlq")
    source = stream("a", reader, max_age=timedelta(hours=1), on_failure=told)
    clock.tick(minutes=30)
    source.put("b", {"dynamodb": {"Keys": {"id": {"S": "b"}}}})
    settle(source)
    (record,) = told.bodies
    assert record["requestContext"]["condition"] == "RecordAgeExceeded"
    assert record["DDBStreamBatchInfo"]["batchSize"] == 1
    assert reader.batches.count("b") == 1
    assert source.lost == []


def test_bisecting_isolates_the_poison_and_costs_no_retry():
    """Splitting a batch does not count towards the retry quota."""
    reader, told = Reader("c"), Queue("streams-dlq")
    settle(stream("abcd", reader, bisect=True, retries=1, on_failure=told))
    assert reader.batches == ["abcd", "ab", "cd", "c", "c", "d"]
    assert [record["DDBStreamBatchInfo"]["batchSize"] for record in told.bodies] == [1]


def test_the_lowest_reported_sequence_number_is_the_checkpoint():
    reader = Reader("b", "d", report=True)
    source = stream("abcde", reader, report_failures=True)
    source.poll()
    reader.poison.clear()
    settle(source)
    assert reader.batches == ["abcde", "bcde"]


def test_a_checkpoint_with_bisect_tries_only_what_remains():
    reader = Reader("b", report=True)
    source = stream("abcd", reader, report_failures=True, bisect=True, retries=1)
    settle(source)
    assert reader.batches == ["abcd", "bcd"]


@pytest.mark.parametrize("identifier", ["", None, "999"])
def test_a_malformed_report_is_complete_failure(identifier):
    seen = []

    def handler(event, context):
        seen.append(len(event["Records"]))
        return {"batchItemFailures": [{"itemIdentifier": identifier}]}

    settle(stream("abc", handler, report_failures=True, retries=1))
    assert seen == [3, 3]


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_an_empty_report_is_complete_success(answer):
    source = stream("abc", lambda event, context: answer, report_failures=True)
    assert source.poll()
    assert not source.poll()


def test_without_the_setting_what_a_function_reports_is_success():
    reader = Reader("b", report=True)
    settle(stream("abc", reader))
    assert reader.batches == ["abc"]


def test_parallel_batches_keep_the_order_of_each_key_and_hold_up_no_other_lane():
    reader = Reader("a")
    source = stream("adad", reader, parallelism=2, retries=3)
    settle(source)
    assert reader.batches.count("dd") == 1
    assert reader.batches.count("aa") == 4


def test_kinesis_has_its_sequence_number_and_its_failures_in_its_own_words():
    seen, told = [], Queue("streams-dlq")

    def handler(event, context):
        seen.append(event["Records"][0]["kinesis"]["sequenceNumber"])
        raise RuntimeError("on purpose")

    source = StreamMapping(KINESIS, Function("f", handler), retries=0, on_failure=told)
    source.put("k", {"kinesis": {"data": "e30="}})
    settle(source)
    assert seen == ["100"]
    assert told.bodies[0]["KinesisBatchInfo"]["startSequenceNumber"] == "100"
