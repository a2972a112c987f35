"""Many at once: a thousand item writes through every door, and an object that is copied in parts.

A file of 100,000 rows is `python -m benchmarks imports`."""

from __future__ import annotations

import json
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.items.store import value_of
from tests.cloud.people import register
from tests.cloud.stage import eventually
from tools import cloud

WRITES, KEYS, AT_ONCE = 1000, 10, 50


@pytest.mark.slow
def test_a_thousand_writes_through_every_door_end_as_the_rule_names(deployed):
    user_id = register(deployed, "doors@example.com").call("GET", "/me").body["id"]
    chance = random.Random(7)
    documents = [
        {
            "user_id": user_id,
            "item_key": f"k{chance.randrange(KEYS)}",
            "item_id": f"W{number:04}",
            "at": f"2026-01-01T11:{chance.randrange(60):02}:00.000Z",
            **content(number),
        }
        for number in range(WRITES)
    ]
    sent = documents + chance.sample(documents, WRITES // 5)
    chance.shuffle(sent)
    doors = (by_request, by_queue, by_kinesis, by_invocation, by_file)
    batches = [sent[start : start + AT_ONCE] for start in range(0, len(sent), AT_ONCE)]
    with ThreadPoolExecutor(8) as pool:
        taken = [pool.submit(doors[number % len(doors)], deployed, batch) for number, batch in enumerate(batches)]
        register(deployed, "meanwhile@example.com")  # and signs in
    assert [each.result() for each in taken] == [len(batch) for batch in batches]
    last = {each["item_key"]: each for each in sorted(documents, key=lambda each: (each["at"], each["item_id"]))}

    def stored():
        rows = {row["item_key"]: row for row in deployed.rows("items") if row["user_id"] == user_id}
        names = {key: row["item_id"] for key, row in rows.items()}
        return rows if names == {key: each["item_id"] for key, each in last.items()} else None

    for key, row in eventually(stored, "the last write to each key", 120).items():
        assert ("deleted_at" in row) is last[key].get("deleted", False)
        assert "deleted_at" in row or value_of(row) == last[key]["item_value"]


def content(number):
    if number % 10 == 0:
        return {"item_value": None, "deleted": True}
    if number % 51 == 0:
        return {"item_value": "é" * 150_000}
    return {"item_value": {"number": number, "text": "\uffff\ufffe"}}


def by_request(deployed, documents):
    answer = deployed.admin.call("POST", "/items", {"items": documents})
    assert answer.status == 202, answer.body
    return answer.body["accepted"]


def by_queue(deployed, documents):
    for document in documents:
        deployed.send("items", document)
    return len(documents)


def by_kinesis(deployed, documents):
    for document in documents:
        cloud.client("kinesis").put_record(
            StreamName=deployed.stage.names.of("items"),
            Data=json.dumps(document).encode(),
            PartitionKey=document["item_key"],
        )
    return len(documents)


def by_invocation(deployed, documents):
    return deployed.invoke("put_items", {"items": documents})["accepted"]


def by_file(deployed, documents):
    deployed.drop(f"items/{documents[0]['item_id']}.ndjson", "\n".join(map(json.dumps, documents)).encode())
    return len(documents)


def test_an_object_above_what_s3_copies_at_once_is_copied_in_parts(deployed):
    """5 GB are too many for a test: an event says them of 6 MB. The local cloud tells nobody how large a part is, so
    here it is one, and keeps the tags of none."""
    s3, place = cloud.client("s3"), {"Bucket": deployed.bucket("uploads"), "Key": "other/large"}
    begun = s3.create_multipart_upload(
        **place, Metadata={"team": "blue"}, ContentType="text/x-odd", Tagging="team=blue"
    )
    parts = [
        {
            "PartNumber": number,
            "ETag": s3.upload_part(
                **place, UploadId=begun["UploadId"], PartNumber=number, Body=bytes([number]) * size
            )["ETag"],
        }
        for number, size in ((1, 5 * 1024**2), (2, 1024**2))
    ]
    done = s3.complete_multipart_upload(**place, UploadId=begun["UploadId"], MultipartUpload={"Parts": parts})
    copy = {"Bucket": deployed.bucket("uploads-copy"), "Key": place["Key"]}
    eventually(lambda: s3.list_objects_v2(Bucket=copy["Bucket"], Prefix=copy["Key"]).get("Contents"), "the copy")
    first = s3.head_object(**copy)["VersionId"]
    deployed.invoke(
        "on_upload",
        {
            "Records": [
                {
                    "eventSource": "aws:s3",
                    "eventTime": "2026-01-01T00:00:00Z",
                    "s3": {
                        "bucket": {"name": place["Bucket"]},
                        "object": {
                            "key": place["Key"],
                            "versionId": done["VersionId"],
                            "sequencer": "F" * 64,
                            "size": 5 * 1024**3 + 1,
                        },
                    },
                }
            ]
        },
    )
    original, copied = s3.head_object(**place), s3.head_object(**copy)
    assert copied["VersionId"] != first
    assert copied["ETag"].endswith('-1"'), "S3 was asked for parts"
    for name in ("ContentLength", "ContentType", "Metadata"):
        assert copied[name] == original[name], name
    assert s3.get_object(**copy)["Body"].read() == s3.get_object(**place)["Body"].read()
