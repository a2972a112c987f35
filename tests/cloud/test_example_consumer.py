"""The example of a consumer, deployed beside the stage as its README says, with the rights that its template gives."""

from __future__ import annotations

import json

import pytest

from chalicelib.core.aws.dynamo import to_item
from tests.cloud.people import register
from tests.cloud.stage import eventually
from tools import cloud, cloudformation
from tools.deploy_example import deploy_example, stack_of


@pytest.fixture(scope="module")
def contacts(deployed):
    """The names of what the example's stack made, once: what is under way in one stack would arrive in the next, whose
    names are the same."""
    yield deploy_example(deployed.stage)
    cloudformation.delete(stack_of(deployed.stage))


def rows(contacts):
    found = cloud.client("dynamodb").scan(TableName=contacts["Table"])["Items"]
    return [to_item(item) for item in found]


def test_an_event_arrives_and_is_handled_once(deployed, contacts):
    person = register(deployed, "contact@example.com", name="Ada")
    user_id = person.call("GET", "/me").body["id"]

    def contact():
        return next((row for row in rows(contacts) if row["id"] == user_id), None)

    first = eventually(contact, "the person in the example's copy")
    assert (first["name"], first["email"], first["changes"]) == ("Ada", "contact@example.com", 1)

    person.call("PATCH", "/me", {"name": "Countess"})
    second = eventually(lambda: (row := contact()) and row["name"] == "Countess" and row, "the change in the copy")
    assert second["changes"] == 2

    history = deployed.admin.call("GET", f"/users/{user_id}/history").body["items"]
    events = [event for event in history if event["type"] in {"user.registered", "user.updated"}]
    for event in events:
        cloud.client("sqs").send_message(QueueUrl=contacts["Queue"], MessageBody=json.dumps(event))
    person.call("DELETE", "/me")
    gone = eventually(lambda: (row := contact()) and "name" not in row and row, "the deletion in the copy")
    assert (gone.keys(), gone["changes"]) == ({"id", "sequence", "seen_at", "changes"}, 3)
    left = cloud.client("sqs").get_queue_attributes(
        QueueUrl=contacts["DeadLetters"], AttributeNames=["ApproximateNumberOfMessages"]
    )
    assert left["Attributes"]["ApproximateNumberOfMessages"] == "0"


def test_it_hears_neither_of_imports_nor_of_what_is_replayed(deployed, contacts):
    before = {row["id"] for row in rows(contacts)}
    deployed.drop("imports/contacts.json", json.dumps([{"email": "bulk@example.org", "name": "Bulk"}]).encode())
    eventually(lambda: deployed.admin.call("GET", "/users?email=bulk@example.org").body["items"], "the import")
    register(deployed, "early@example.com", name="Early")
    early = eventually(
        lambda: [row for row in rows(contacts) if row.get("name") == "Early"], "the person in the copy"
    )
    history = deployed.admin.call("GET", f"/users/{early[0]['id']}/history").body["items"]
    event = next(event for event in history if event["type"] == "user.registered")
    publish(deployed, {**event, "subject": "replayed"}, replayed="true")
    publish(deployed, {**event, "subject": "new"})
    eventually(lambda: "new" in {row["id"] for row in rows(contacts)}, "the event that was not replayed")
    assert {row["id"] for row in rows(contacts)} - before == {early[0]["id"], "new"}


def publish(deployed, event, **flags):
    """Put an event on the topic, as a replay does."""
    attributes = {"type": event["type"], **flags}
    cloud.client("sns").publish(
        TopicArn=f"arn:aws:sns:{cloud.region()}:{cloud.account()}:{deployed.stage.names.of('user-events')}",
        Message=json.dumps(event),
        MessageAttributes={n: {"DataType": "String", "StringValue": text} for n, text in attributes.items()},
    )
