"""Our AWS client against boto3's: what a process takes to have one, and what a warm call takes, with the answers canned
and given at once. CPU time."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks import null_aws
from benchmarks.measuring import Measured, medians, microseconds
from benchmarks.null_aws import ROOT
from tests.environment import ENVIRONMENT, REGION

if TYPE_CHECKING:
    from collections.abc import Callable

TIMES = 100
CLIENT_AT_MOST = 0.4
CALL_AT_MOST = 0.15

TABLE = "rollcall-test-items"
ITEM = {
    "user_id": {"S": "U1"},
    "item_key": {"S": "a"},
    "value": {"M": {f"member {n}": {"S": "x" * 20} for n in range(9)}},
}
KEY = {name: ITEM[name] for name in ("user_id", "item_key")}

CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "PutItem": ("put_item", {"TableName": TABLE, "Item": ITEM}),
    "GetItem": ("get_item", {"TableName": TABLE, "Key": KEY}),
    "BatchGetItem": ("batch_get_item", {"RequestItems": {TABLE: {"Keys": [KEY]}}}),
    "TransactWriteItems": (
        "transact_write_items",
        {"TransactItems": [{"Put": {"TableName": TABLE, "Item": ITEM}}]},
    ),
}

MAKING = {
    "ours": "from chalicelib.core.aws import clients; clients.client('dynamodb')",
    "boto3": "import boto3; boto3.client('dynamodb')",
}


def measure() -> list[Measured]:
    made = medians({name: partial(_making, code) for name, code in MAKING.items()}, rounds=7, seconds=20)
    lines = [Measured("a client of DynamoDB, made", made["ours"], made["boto3"], "ms", at_most=CLIENT_AT_MOST)]
    with null_aws.running() as aws:
        calls = {name: _clients_of(*call) for name, call in CALLS.items()}
        for both in calls.values():
            for call in both.values():
                call()
        aws.canned()
        for name, both in calls.items():
            found = medians(
                {who: partial(microseconds, call, TIMES) for who, call in both.items()}, rounds=7, seconds=5
            )
            lines.append(Measured(f"one {name}", found["ours"], found["boto3"], "us", at_most=CALL_AT_MOST))
    return lines


def _making(code: str) -> float:
    """The CPU milliseconds of a fresh process that has loaded Chalice, as every function has."""
    program = f"import chalice, time; t = time.process_time(); {code}; print(time.process_time() - t)"
    environment = {**os.environ, **ENVIRONMENT}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return float(done.stdout) * 1000


def _clients_of(operation: str, params: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    """The call by our client, and by boto3's as it is by default."""
    import boto3

    from chalicelib.core.aws import calls

    ours, theirs = calls.client("dynamodb", 10, 3), boto3.client("dynamodb", region_name=REGION)
    return {
        "ours": lambda: getattr(ours, operation)(**params),
        "boto3": lambda: getattr(theirs, operation)(**params),
    }
