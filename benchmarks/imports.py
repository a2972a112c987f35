"""`python -m benchmarks imports`: a large file through a stage in the local cloud, against a plain loop of boto3.

The loop makes the same transactions on one thread, and neither validates nor reports nor counts anything. Half of it
runs before the import and half after, so that a busy machine slows both alike; so do the consumers of the events, who
have more than enough to do from the first row to the last. Then everything is looked at: counts, statistics, report,
people, calls, memory.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measuring import Measured

if TYPE_CHECKING:
    from benchmarks.processes import Processes
    from tests.cloud.stage import DeployedStage

ROWS = 100_000
WARM = 100
"""Rows of a file before, in one chunk: so that functions are there."""

TIMES = 2.0
"""An import may take so many times as long as the loop."""
MEMORY_MB = 256
"""A function may grow by so much while it works."""

STEPS = ("on_upload", "plan_import", "import_chunk", "finish_import")


def main(arguments: list[str]) -> int:
    """Print what was measured and what is wrong; 0 where nothing is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks imports", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the file (%(default)s)")
    rows = parser.parse_args(arguments).rows

    from benchmarks.processes import Processes
    from infra import stage as stages
    from tests.cloud.conftest import free_port
    from tests.cloud.stage import DeployedStage

    with (
        tempfile.TemporaryDirectory() as folder,
        DeployedStage.start(stages.load("local"), free_port(), Path(folder)) as deployed,
    ):
        for step in STEPS:
            _log_calls(deployed, step)
        with Processes(deployed.running.process.pid) as processes:
            return _measure(deployed, processes, rows)


def _measure(deployed: DeployedStage, processes: Processes, rows: int) -> int:
    from benchmarks import large_file

    large_file.imported(deployed, "warm", WARM)
    pattern = _pattern(deployed, "warm-2@example.org")
    processes.wait_until_quiet()
    processes.remember_idle()
    before = large_file.chunk_calls(deployed)
    first = _loop(deployed, pattern, range(rows // 2))
    seconds, job = large_file.imported(deployed, "row", rows)
    second = _loop(deployed, pattern, range(rows // 2, rows))
    print(f"\n  {'':<34}{'import':>13}{'plain loop':>13}  ratio")
    print(Measured(f"{rows:,} rows", seconds, first + second, "s"))
    print(f"  {rows / seconds:,.0f} rows a second")
    grown = processes.grown()
    for name, megabytes in sorted(grown.items(), key=lambda each: -each[1])[:5]:
        print(Measured(f"memory of {name} above idle", megabytes, MEMORY_MB, "MB"))
    made = large_file.chunk_calls(deployed) - before
    wrong = [*large_file.faults(deployed, job, "row", rows), *large_file.beyond_budget(made, rows, job["chunks"])]
    wrong += [f"{name} grew by {megabytes:.0f} MB" for name, megabytes in grown.items() if megabytes > MEMORY_MB]
    # The loop's people are such as an import makes, and their events are counted alike.
    wrong += large_file.miscounted(deployed, WARM + job["counts"]["created"] + rows)
    if seconds > TIMES * (first + second):
        wrong.append(f"the import took more than {TIMES} times as long as the loop")
    print(
        "\n".join(f"  wrong: {each}" for each in wrong)
        or "  counts, statistics, report, people and calls are exact"
    )
    return int(bool(wrong))


def _pattern(deployed: DeployedStage, email: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What an import wrote for a person: the person and the lock of the address, in DynamoDB's own JSON."""
    dynamodb = _plain("dynamodb")
    lock = dynamodb.get_item(TableName=deployed.stage.names.of("credentials"), Key={"id": {"S": f"email#{email}"}})
    person = dynamodb.get_item(TableName=deployed.stage.names.of("users"), Key={"id": lock["Item"]["user_id"]})
    return person["Item"], lock["Item"]


def _loop(deployed: DeployedStage, pattern: tuple[dict[str, Any], dict[str, Any]], numbers: range) -> float:
    """The same transactions by hand, one after the other, with a client as boto3 makes it: their seconds."""
    from benchmarks.large_file import AGES, PER_TRANSACTION

    dynamodb = _plain("dynamodb")
    users, credentials = deployed.stage.names.of("users"), deployed.stage.names.of("credentials")
    person, lock = pattern
    new = {"ConditionExpression": "attribute_not_exists(id)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    started = time.monotonic()
    for start in range(numbers.start, numbers.stop, PER_TRANSACTION):
        actions = []
        for number in range(start, min(start + PER_TRANSACTION, numbers.stop)):
            user_id, email, name = f"plain-{number}", f"plain-{number}@example.org", f"Person {number}"
            made = {
                **person,
                "id": {"S": user_id},
                "email": {"S": email},
                "email_key": {"S": email},
                "name": {"S": name},
                "name_key": {"S": f"{name.casefold()}#{user_id}"},
                "age": {"N": str(number % AGES)},
            }
            held = {**lock, "id": {"S": f"email#{email}"}, "user_id": {"S": user_id}}
            actions.append({"Put": {"TableName": users, "Item": made, **new}})
            actions.append({"Put": {"TableName": credentials, "Item": held, **new}})
        dynamodb.transact_write_items(TransactItems=actions)
    return time.monotonic() - started


def _log_calls(deployed: DeployedStage, function: str) -> None:
    """Have a function log its calls, which are counted afterwards."""
    functions, name = _plain("lambda"), deployed.stage.names.of(function)
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    functions.update_function_configuration(
        FunctionName=name, Environment={"Variables": {**variables, "LOG_AWS_CALLS": "on"}}
    )


def _plain(service: str) -> Any:
    import boto3

    return boto3.client(service)
