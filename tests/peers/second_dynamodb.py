"""dynalite, an implementation of DynamoDB that shares no code with moto and has the service's own validation: empty
keys, sizes, reserved words, expressions, types. https://github.com/architect/dynalite

`pytest --dynamodb=dynalite tests/functional/…` runs tests over it, and everything else stays moto's. It is installed
once, from the committed lock, into a folder below `build/`; each process of tests has one of its own on loopback.

What it lacks is bridged: see `bridge`. What it does not look at (keys of indexes, bytes beyond ASCII, depth) is refused
by `tests.strictness` before it, as before moto. What none of these prove: streams, expiry, capacity and throttling, and
that an index follows its table late.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from infra.storage import schema
from infra.tables import SPECS
from tests.environment import REGION
from tests.peers import installing

SOURCES = Path(__file__).parent / "dynalite"
ENDPOINT = "AWS_ENDPOINT_URL_DYNAMODB"
"""What botocore itself reads: the app's clients and the tests' go there."""

NODE = 20
"""The oldest major version that it runs on."""


@cache
def missing() -> str:
    """Why this machine cannot have it, in one sentence; empty where it can. Installs it where that was not done."""
    if not (shutil.which("node") and shutil.which("npm")):
        return "Node.js or npm is not installed"
    version = subprocess.run(("node", "--version"), capture_output=True, text=True, check=False).stdout.strip()
    if not version.lstrip("v").partition(".")[0].isdigit() or int(version.lstrip("v").partition(".")[0]) < NODE:
        return f"Node.js is {version or 'broken'}, and dynalite needs {NODE} or newer"
    return installing.install(
        "dynalite", SOURCES / "package-lock.json", [SOURCES / "package.json"], installing.NPM
    )


def start(names: Any) -> str:
    """Start one that ends with this process, with a stage's tables: where it listens."""
    process = subprocess.Popen(
        ("node", str(SOURCES / "server.js")),
        env={"PATH": os.environ["PATH"], "NODE_PATH": str(_folder() / "node_modules")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(_stop, process)
    assert process.stdout is not None
    port = process.stdout.readline().strip()
    if not port.isdigit():
        raise RuntimeError("dynalite did not start")
    endpoint = f"http://127.0.0.1:{port}"
    dynamodb = client(endpoint)
    for spec in SPECS:
        dynamodb.create_table(TableName=names.of(spec.name), **schema(spec))
    for spec in SPECS:
        waiter = dynamodb.get_waiter("table_exists")
        waiter.wait(TableName=names.of(spec.name), WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})
    return endpoint


@cache
def client(endpoint: str) -> Any:
    """A client of it that checks its parameters."""
    config = Config(retries={"total_max_attempts": 1}, max_pool_connections=50)
    return boto3.session.Session().client(
        "dynamodb", region_name=REGION, endpoint_url=endpoint, config=config, aws_access_key_id="test",
        aws_secret_access_key="test",
    )  # fmt: skip


def empty(dynamodb: Any, names: Any) -> None:
    """Delete every item."""
    for spec in SPECS:
        table, keys = names.of(spec.name), [key for key in (spec.partition, spec.sort) if key]
        for page in dynamodb.get_paginator("scan").paginate(TableName=table):
            for item in page["Items"]:
                dynamodb.delete_item(TableName=table, Key={key: item[key] for key in keys})


def _folder() -> Path:
    return installing.folder_of("dynalite", SOURCES / "package-lock.json")


def _stop(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.wait(10)
