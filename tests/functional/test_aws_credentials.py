"""Whose credentials a call is signed with."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import NoCredentialsError

from chalicelib.core.aws.calls import behind, connections, credentials
from chalicelib.core.aws.calls.client import Client
from tests.functional.scripted import Step, serving
from tests.functional.test_aws_calls import called, ours

VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION")


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """Nothing is set, until the test sets it."""

    def start_anew() -> None:
        credentials.source.cache_clear()
        behind.session.cache_clear()

    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setattr(Client, "heard_always", False)  # botocore is asked for credentials alone
    start_anew()
    yield monkeypatch
    start_anew()
    connections.close_idle()


def signers(requests: list[tuple[str, bytes]]) -> list[tuple[str, str]]:
    """The access key and the session's token of each request."""
    return [
        (
            re.search(r"Credential=(\w+)/", head)[1],
            (re.search(r"x-amz-security-token: (\S+)", head) or ("", ""))[1],
        )
        for head, _ in requests
    ]


def test_a_function_signs_with_what_is_in_its_environment(environment):
    environment.setenv("AWS_ACCESS_KEY_ID", "ASIAROLE")
    environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    environment.setenv("AWS_SESSION_TOKEN", "token")
    with serving(Step()) as server:
        called(ours(server))
    assert signers(server.requests) == [("ASIAROLE", "token")]


def test_a_container_is_asked_and_asked_again_before_its_credentials_expire(environment):
    """As SnapStart gives them: https://docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html."""

    def keys(number: int, minutes: int) -> Step:
        expires = (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
        document = {
            "AccessKeyId": f"ASIA{number}",
            "SecretAccessKey": "s",
            "Token": f"t{number}",
            "Expiration": expires,
        }
        return Step(body=json.dumps(document).encode())

    with serving(keys(1, minutes=5), keys(2, minutes=120)) as container, serving(Step()) as server:
        environment.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"http://127.0.0.1:{container.port}/v1")
        environment.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "container")
        client = ours(server)
        for _ in range(3):
            called(client)
    assert len(container.requests) == 2
    assert set(signers(server.requests)) <= {("ASIA1", "t1"), ("ASIA2", "t2")}
    assert signers(server.requests)[-1] == ("ASIA2", "t2")


def test_without_credentials_nothing_is_sent(environment):
    with serving(Step()) as server, pytest.raises(NoCredentialsError):
        ours(server).get_item(TableName="t", Key={})
    assert server.requests == []


def test_a_function_that_runs_in_a_trace_hands_it_on(environment):
    environment.setenv("AWS_ACCESS_KEY_ID", "ASIAROLE")
    environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with serving(Step()) as server:
        client = ours(server)
        called(client)
        environment.setenv("AWS_LAMBDA_FUNCTION_NAME", "rollcall-dev-on_mail")
        environment.setenv(
            "_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1;Lineage=a:b/1\n"
        )
        called(client)
    sent = [re.findall(r"x-amzn-trace-id: (.+)", head) for head, _ in server.requests]
    assert sent == [[], ["Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1;Lineage=a:b%2F1%0A"]]
