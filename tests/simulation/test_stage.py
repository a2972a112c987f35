"""The simulated stage is the deployed one: its mappings, limits and subscriptions come from the production template."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core.retention import MAX_RECEIVES
from chalicelib.jobs import jobs
from infra.functions import in_stage
from tests import system
from tests.builders import a_user
from tests.simulation.sources import Invocations, QueueMapping, StreamMapping
from tests.simulation.sources.deployed import PRODUCTION
from tests.simulation.stage import simulated

HERE = in_stage(PRODUCTION)


@pytest.fixture
def stage(held_clock):
    with simulated() as made:
        yield made


def test_every_handler_of_the_app_is_a_function_and_every_trigger_a_source(stage):
    assert stage.functions.keys() == {each.name for each in HERE} - {"api_handler"}
    triggered = {each.name for each in HERE if each.queue or each.stream or each.kinesis or each.asynchronous}
    assert stage.sources.keys() == triggered


def test_every_handler_reads_what_its_function_is_fed():
    """What `app.py` declares and what the template wires are one."""
    assert {each.stream: each.name for each in HERE if each.stream} == system.STREAMS
    assert {each.queue: each.name for each in HERE if each.queue} == system.QUEUES
    assert {each.kinesis: each.name for each in HERE if each.kinesis} == system.SHARDS
    assert {each.topic: each.name for each in HERE if each.topic} == system.TOPICS
    assert [each.name for each in HERE if each.scheduled] == system.SCHEDULED


def test_mappings_are_set_as_they_are_deployed(stage):
    mail, people, upload = (stage.sources[name] for name in ("on_mail", "on_user_change", "on_upload"))
    assert isinstance(mail, QueueMapping)
    assert (mail.batch_size, mail.report_failures) == (10, False)
    assert (mail.queue.visibility, mail.queue.max_receives) == (timedelta(minutes=6), MAX_RECEIVES)
    assert mail.queue.dead_letters is stage.queues["mail-dlq"]
    assert isinstance(people, StreamMapping)
    assert (people.batch_size, people.bisect, people.retries, people.parallelism) == (100, True, None, 4)
    assert people.max_age == timedelta(hours=23)
    assert people.on_failure is stage.queues["streams-dlq"]
    assert isinstance(upload, Invocations)
    assert (upload.retries, upload.on_failure) == (2, stage.queues["invocations-dlq"])


def publish(stage, **attributes):
    values = {name: {"DataType": "String", "StringValue": text} for name, text in attributes.items()}
    stage.deliver({"Id": "0", "Message": "{}", "MessageAttributes": values})
    return {name for name, queue in stage.queues.items() if queue.messages}


@pytest.mark.parametrize(
    ("attributes", "consumers"),
    [
        ({"type": "user.updated"}, ["history", "insights", "webhooks"]),
        ({"type": "user.password_changed"}, ["history", "insights", "webhooks", "mail"]),
        ({"type": "session.started"}, ["history", "insights", "webhooks"]),
        ({"type": "session.started", "new_device": "true"}, ["history", "insights", "webhooks", "mail"]),
        ({"type": "user.password_changed", "bulk": "true"}, ["history", "insights", "webhooks"]),
        ({"type": "user.password_changed", "replayed": "true"}, ["webhooks"]),
    ],
    ids=str,
)
def test_the_topic_lets_through_what_its_subscriptions_want(stage, attributes, consumers):
    assert publish(stage, **attributes) == set(consumers)


def test_what_is_written_to_a_table_comes_through_its_stream_to_every_consumer(stage):
    person = a_user(email="ann@example.com")
    stage.settle()
    told = [f"users:{person['id']}:1:0", f"users:{person['id']}:1:1"]
    assert [event["id"] for event in stage.published] == told
    assert sorted(row["at"].partition("#")[2] for row in stage.cloud.rows("history")) == told
    assert not any(queue.messages for queue in stage.queues.values())


def test_a_part_with_bytes_in_it_is_no_poison_to_the_stream_of_jobs(stage):
    """Lambda hands images on as JSON, which has no bytes: they come in base64."""
    jobs().put_part("J1", "chunk#00001", errors=b"gz\x00")
    stage.settle()
    assert stage.functions["on_job_change"].invocations == 1
    assert stage.queues["streams-dlq"].bodies == []
