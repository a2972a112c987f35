"""Keeps a copy of whom one can write to: name and address of each person, as the newest event about them has it.

Events come at least once and in any order. A row is written only if it is older than the event, so an event that comes
twice, or late, changes nothing. Somebody who was deleted leaves their id and `sequence`, so that nothing late brings
them back.
"""

import json
import os
from functools import cache

import boto3
from botocore.exceptions import ClientError

KNOWN_SCHEMA = "/1"
"""The version of the types' data that this was written for: the end of `dataschema`."""


def handle(event, _context):
    """Handle a batch of the queue. What fails comes again, and after five times is in the dead-letter queue."""
    failed = []
    for record in event["Records"]:
        try:
            take(json.loads(record["body"]))
        except Exception as error:  # whatever it is, the other messages of the batch go on
            print(json.dumps({"message": "failed", "id": record["messageId"], "error": type(error).__name__}))
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def take(event):
    """Take one event over into the copy. Raises ValueError for one of a version that nobody here has read about."""
    if not event["dataschema"].endswith(KNOWN_SCHEMA):
        raise ValueError(f"{event['type']} of an unknown version")
    data = event["data"]
    if event["type"] == "user.deleted" or data.get("reason") == "erasure":
        write(event, name=None, email=None, look_up=None)
    elif data.get("data_omitted"):
        write(event, look_up=data["link"])
    else:
        user = data["user"]
        write(event, name=user.get("name"), email=user.get("email"), look_up=None)


def write(event, **fields):
    """Write these fields of the event's person (None: remove it), unless the row has this version or a later one.

    Several events of one change have one `sequence` and the same `user`: the first of them does.
    """
    values = {"sequence": event["sequence"], "seen_at": event["time"], **fields}
    kept = {name: value for name, value in values.items() if value is not None}
    gone = [f"#{name}" for name, value in values.items() if value is None]
    update = f"SET {', '.join(f'#{name} = :{name}' for name in kept)} ADD changes :one"
    try:
        table().update_item(
            Key={"id": event["subject"]},
            UpdateExpression=f"{update} REMOVE {', '.join(gone)}" if gone else update,
            ConditionExpression="attribute_not_exists(#sequence) OR #sequence < :sequence",
            ExpressionAttributeNames={f"#{name}": name for name in values},
            ExpressionAttributeValues={":one": 1, **{f":{name}": value for name, value in kept.items()}},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        print(json.dumps({"message": "known already", "event": event["id"]}))
        return
    print(json.dumps({"message": "taken", "event": event["id"], "request_id": event.get("requestid")}))


@cache
def table():
    return boto3.resource("dynamodb").Table(os.environ["TABLE"])
