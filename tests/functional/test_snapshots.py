"""What a snapshot of the API holds, and what a process that goes on from one has forgotten."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys

import pytest

from chalicelib.core import ids, snapshots
from chalicelib.core.aws import clients
from chalicelib.core.crypto import app_keys
from chalicelib.core.settings import settings
from chalicelib.tokens import access_tokens, signing_keys
from tests.cloudlike import NAMES, SIGNING_KEYS
from tests.environment import ENVIRONMENT
from tests.unit.appfile import ROOT

STARTS = "AWS_LAMBDA_INITIALIZATION_TYPE"


def prepared(kind):
    done = subprocess.run(
        [sys.executable, "-m", "tests.functional.prepared"],
        cwd=ROOT,
        env={**os.environ, **ENVIRONMENT, STARTS: kind},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def snapshot():
    return prepared("snap-start")


@pytest.mark.slow
def test_a_snapshot_holds_modules_and_models(snapshot):
    assert {*snapshots.AT_FIRST, "chalicelib.accounts.routes", "chalicelib.web.routes"} <= set(snapshot["loaded"])
    assert snapshot["unbuilt"] == []


@pytest.mark.slow
def test_a_snapshot_holds_no_client_of_aws(snapshot):
    assert snapshot["clients"] == 0


@pytest.mark.slow
def test_a_process_forgets_before_the_snapshot_and_after_it(snapshot):
    assert (snapshot["before"], snapshot["after"]) == (["reset"], ["reset"])
    assert snapshot["drawn anew"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["provisioned-concurrency", "on-demand"])
def test_other_processes_have_no_hooks(kind):
    process = prepared(kind)
    assert (process["before"], process["after"]) == ([], [])
    assert process["unbuilt"] == [] or kind == "on-demand"


def test_keys_and_secrets_are_read_again(aws):
    issued = access_tokens.issue({"id": "U1"}, "S1")
    assert access_tokens.verify(issued)
    first = app_keys.mac("links", "text")
    other = signing_keys.generate("ES256")
    _store("signing-key", {**SIGNING_KEYS, "current": other})
    _store("app-keys", {"1": "z" * 64})
    assert signing_keys.keyring().current().kid != other["kid"]
    snapshots.reset()
    assert signing_keys.keyring().current().kid == other["kid"]
    assert app_keys.mac("links", "text") != first


def test_clients_with_their_credentials_and_connections_are_made_again(aws):
    first = clients.client("dynamodb"), clients.database()
    snapshots.reset()
    assert clients.client("dynamodb") is not first[0]
    assert clients.database() is not first[1]


def test_settings_are_read_again(monkeypatch):
    assert settings().aws_lambda_log_stream_name == ""
    monkeypatch.setenv("AWS_LAMBDA_LOG_STREAM_NAME", "restored")
    snapshots.reset()
    try:
        assert settings().aws_lambda_log_stream_name == "restored"
    finally:
        monkeypatch.undo()
        snapshots.reset()


def test_two_copies_draw_other_numbers():
    """Copies have one state of `random`; what they draw after a restore must not be one either."""
    random.seed(1)
    copied = random.getstate()
    drawn = []
    for _ in range(2):
        random.setstate(copied)
        snapshots.reset()
        drawn.append(random.random())
    assert drawn[0] != drawn[1]


def test_two_copies_make_other_ids(held_clock):
    """Both at the moment of the snapshot: from then on their ids would count up alike."""
    ids.new_id()
    counter = vars(ids._ulids).copy()
    made = set()
    for _ in range(2):
        vars(ids._ulids).update(counter)
        snapshots.reset()
        made |= {ids.new_id() for _ in range(10)}
    assert len(made) == 20


def _store(name, content):
    secrets = clients.client("secretsmanager")
    secrets.put_secret_value(SecretId=NAMES.of(name), SecretString=json.dumps(content))
