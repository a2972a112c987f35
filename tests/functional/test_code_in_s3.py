"""`chalice deploy` sends the code of its functions to AWS once, and points only those to it whose code is another.

Chalice's own client for AWS does what it does for each function, in moto.
"""

from __future__ import annotations

import json
import random
from collections import Counter

import boto3
import pytest
from chalice.awsclient import TypedAWSClient
from moto import mock_aws
from moto.core.base_backend import BackendDict

from tests.environment import ACCOUNT, REGION
from tools.chalice_for import Factory
from tools.code_in_s3 import CodeInS3
from tools.deployments_bucket import DeploymentsBucket

pytestmark = pytest.mark.slow

FUNCTIONS = [f"rollcall-dev-f{number}" for number in range(30)]
ASSUMED = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
SIZE = 200_000


class Developer:
    """Deploys thirty functions, and counts what that sends."""

    def __init__(self, folder):
        self._archive = folder / "functions.zip"
        self.functions = boto3.client("lambda", region_name=REGION)
        self.s3 = boto3.client("s3", region_name=REGION)
        self.bucket = DeploymentsBucket(self.s3, "deployments", account=ACCOUNT, region=REGION)
        self.s3.create_bucket(Bucket=self.bucket.name, CreateBucketConfiguration={"LocationConstraint": REGION})
        role = boto3.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(ASSUMED))
        self._role = role["Role"]["Arn"]
        self.s3.meta.events.register("before-call.s3", self._count)
        self.sent, self.bytes = Counter(), 0

    def deploys(self, seed, runtime="python3.13"):
        self.sent, self.bytes = Counter(), 0
        self._archive.write_bytes(random.Random(seed).randbytes(SIZE))
        code = CodeInS3(self._archive, runtime, functions=self.functions, bucket=self.bucket)
        session = Factory(runtime, self._archive, code).create_botocore_session()
        session.register("before-call.lambda", self._count)
        client = TypedAWSClient(session)
        names = {found["FunctionName"] for found in self.functions.list_functions(MaxItems=100)["Functions"]}
        for name in FUNCTIONS:
            more = {
                "zip_contents": self._archive.read_bytes(),
                "runtime": "python3.11",
                "architecture": "x86_64",
            }
            if name in names:
                client.update_function(function_name=name, role_arn=self._role, **more)
            else:
                client.create_function(function_name=name, role_arn=self._role, handler="app.app", **more)

    def _count(self, model, params, **_):
        self.sent[model.name] += 1
        body = params["body"] or b""
        self.bytes += SIZE if hasattr(body, "read") else len(body)

    def code(self):
        return {self.functions.get_function_configuration(FunctionName=name)["CodeSha256"] for name in FUNCTIONS}


@pytest.fixture
def developer(tmp_path):
    with mock_aws(config={"lambda": {"use_docker": False}}):
        BackendDict.reset()  # moto may have been started before, by whoever came first in this process
        yield Developer(tmp_path)


def test_the_code_of_thirty_new_functions_is_sent_once(developer):
    developer.deploys(1)
    assert (developer.sent["PutObject"], developer.sent["CreateFunction"]) == (1, 30)
    assert SIZE <= developer.bytes < SIZE + 30 * 1000
    assert len(developer.code()) == 1


def test_changed_code_is_sent_once_and_every_function_is_pointed_to_it(developer):
    developer.deploys(1)
    before = developer.code()
    developer.deploys(2)
    assert (developer.sent["PutObject"], developer.sent["UpdateFunctionCode"]) == (1, 30)
    assert SIZE <= developer.bytes < SIZE + 30 * 1000
    assert len(developer.code()) == 1
    assert developer.code() != before


def test_unchanged_code_is_not_sent_at_all(developer):
    developer.deploys(1)
    developer.deploys(1)
    assert developer.sent["PutObject"] == 0
    assert developer.bytes < 30 * 1000
    assert developer.sent["UpdateFunctionConfiguration"] == 30


def test_functions_get_the_runtime_of_the_stage(developer):
    developer.deploys(1, runtime="python3.12")
    assert runtimes(developer) == {"python3.12"}
    developer.deploys(1, runtime="python3.13")
    assert runtimes(developer) == {"python3.13"}


def runtimes(developer):
    return {found["Runtime"] for found in developer.functions.list_functions(MaxItems=100)["Functions"]}
