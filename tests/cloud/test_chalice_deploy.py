"""`make deploy` and `make delete` with `chalice deploy`, from a copy of the checkout into a local cloud of its own."""

from __future__ import annotations

import boto3
import pytest

from chalicelib.core.names import BUCKETS, QUEUES, STATE_MACHINES, TABLES, TOPICS, Names
from infra.functions import in_stage
from infra.stage import LOCAL_ACCOUNT, LOCAL_REGION, load
from tests.cloud.checkout import copy_checkout, run_tool
from tests.cloud.conftest import free_port
from tests.cloud.shim import answering_put_rest_api
from tests.cloud.stage import eventually
from tools import localcloud

NAMES = Names("dev")


class Developer:
    """Somebody with a checkout and an account."""

    def __init__(self, checkout, variables):
        self.checkout, self.variables = checkout, variables
        self._session = boto3.session.Session(
            aws_access_key_id="test", aws_secret_access_key="test", region_name=variables["AWS_DEFAULT_REGION"]
        )

    def run(self, tool, **more):
        return run_tool(self.checkout, tool, "dev", **self.variables, **more)

    def client(self, service):
        return self._session.client(service, endpoint_url=self.variables["AWS_ENDPOINT_URL"])

    def functions(self):
        pages = self.client("lambda").get_paginator("list_functions").paginate()
        return {function["FunctionName"] for page in pages for function in page["Functions"]}


@pytest.fixture(scope="module")
def developer(tmp_path_factory):
    checkout = copy_checkout(tmp_path_factory.mktemp("checkout"))
    running = localcloud.start(free_port(), tmp_path_factory.mktemp("deploycloud"))
    try:
        with answering_put_rest_api(running.endpoint) as endpoint:
            yield Developer(checkout, {**running.variables(), "AWS_ENDPOINT_URL": endpoint})
    finally:
        running.stop()


def test_deploying_twice_makes_one_stage_that_works(developer):
    first = developer.run("deploy")
    assert first.returncode == 0, first.stdout + first.stderr
    expected = {NAMES.api if f.name == "api_handler" else NAMES.of(f.name) for f in in_stage(load("dev"))}
    assert developer.functions() == expected

    uploads = NAMES.bucket("uploads", LOCAL_ACCOUNT, LOCAL_REGION)
    copies = NAMES.bucket("uploads-copy", LOCAL_ACCOUNT, LOCAL_REGION)
    s3 = developer.client("s3")
    s3.put_object(Bucket=uploads, Key="notes/hello.txt", Body=b"hello")
    copied = eventually(
        lambda: [found["Key"] for found in s3.list_objects_v2(Bucket=copies).get("Contents", [])],
        "the copy that @app.on_s3_event makes",
    )
    assert copied == ["notes/hello.txt"]

    again = developer.run("deploy")
    assert again.returncode == 0, again.stdout + again.stderr
    assert developer.functions() == expected
    assert len(developer.client("lambda").list_event_source_mappings()["EventSourceMappings"]) == 13


def test_deleting_needs_a_word_for_data(developer):
    refused = developer.run("delete")
    assert refused.returncode == 1
    assert "--data" in refused.stderr
    assert developer.functions() == set()
    assert NAMES.of("users") in developer.client("dynamodb").list_tables()["TableNames"]

    confirmed = developer.run("delete", CONFIRM="yes")
    assert confirmed.returncode == 0, confirmed.stdout + confirmed.stderr
    assert developer.client("dynamodb").list_tables()["TableNames"] == []
    left = [bucket["Name"] for bucket in developer.client("s3").list_buckets()["Buckets"]]
    assert [name for name in left if name.startswith("rollcall-dev")] == []
    assert developer.run("delete", CONFIRM="yes").returncode == 0


def test_the_names_are_those_that_others_program_against():
    assert (len(TABLES), len(QUEUES), len(TOPICS), len(BUCKETS), len(STATE_MACHINES)) == (15, 7, 3, 3, 2)
    assert NAMES.of("user-events") == "rollcall-dev-user-events"
    copies = NAMES.bucket("uploads-copy", "123456789012", "eu-west-1")
    assert copies == "rollcall-dev-uploads-123456789012-eu-west-1-copy"
