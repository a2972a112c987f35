"""`python -m benchmarks imports`: a large file through a stage in the local cloud, against a plain loop of boto3.

The loop makes the same transactions on one thread, and neither validates nor reports nor counts anything. Half of it
runs before the import and half after, so that a busy machine slows both alike; so do the consumers of the events, who
have more than enough to do from the first row to the last. Then everything is looked at: counts, report, people, calls,
memory.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measuring import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.processes import Processes
    from tests.cloud.stage import DeployedStage

ROWS = 100_000
WRONG_EVERY = 1000
"""One row in so many has a fault."""
AGES = 90
PER_TRANSACTION = 50
"""People of two records each: a transaction has a hundred actions."""
LOOKED_UP = 20
WARM = 100
"""Rows of a file before, in one chunk: so that functions are there."""

TIMES = 2.0
"""An import may take so many times as long as the loop."""
MEMORY_MB = 256
"""A function may grow by so much while it works."""
END_SECONDS = 3600

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
    imported(deployed, "warm", WARM)
    pattern = _pattern(deployed, "warm-2@example.org")
    processes.wait_until_quiet()
    processes.remember_idle()
    first = _loop(deployed, pattern, range(rows // 2))
    seconds, job = imported(deployed, "row", rows)
    second = _loop(deployed, pattern, range(rows // 2, rows))
    print(f"\n  {'':<34}{'import':>13}{'plain loop':>13}  ratio")
    print(Measured(f"{rows:,} rows", seconds, first + second, "s"))
    print(f"  {rows / seconds:,.0f} rows a second")
    grown = processes.grown()
    for name, megabytes in sorted(grown.items(), key=lambda each: -each[1])[:5]:
        print(Measured(f"memory of {name} above idle", megabytes, MEMORY_MB, "MB"))
    wrong = [*check(deployed, job, "row", rows)]
    wrong += [f"{name} grew by {megabytes:.0f} MB" for name, megabytes in grown.items() if megabytes > MEMORY_MB]
    if seconds > TIMES * (first + second):
        wrong.append(f"the import took more than {TIMES} times as long as the loop")
    print("\n".join(f"  wrong: {each}" for each in wrong) or "  counts, report, people and calls are exact")
    return int(bool(wrong))


def document(prefix: str, number: int) -> dict[str, Any]:
    """A row: every thousandth has an age that nobody has."""
    age = -1 if number % WRONG_EVERY == WRONG_EVERY - 1 else number % AGES
    return {"email": f"{prefix}-{number}@example.org", "name": f"Person {number}", "age": age}


def imported(deployed: DeployedStage, prefix: str, rows: int) -> tuple[float, dict[str, Any]]:
    """Drop a file of so many rows: the seconds until its job had ended, and the job."""
    key = f"imports/{prefix}.ndjson"
    data = "\n".join(json.dumps(document(prefix, number)) for number in range(rows)).encode()
    started = time.monotonic()
    deployed.drop(key, data)
    while time.monotonic() - started < END_SECONDS:
        job = next((row for row in deployed.rows("jobs") if row.get("source") == key), None)
        if job and job["status"] in {"finished", "failed"}:
            return time.monotonic() - started, job
        time.sleep(0.25)
    raise TimeoutError(f"the import of {key} did not end")


def _pattern(deployed: DeployedStage, email: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What an import wrote for a person: the person and the lock of the address, in DynamoDB's own JSON."""
    dynamodb = _plain("dynamodb")
    lock = dynamodb.get_item(TableName=deployed.stage.names.of("credentials"), Key={"id": {"S": f"email#{email}"}})
    person = dynamodb.get_item(TableName=deployed.stage.names.of("users"), Key={"id": lock["Item"]["user_id"]})
    return person["Item"], lock["Item"]


def _loop(deployed: DeployedStage, pattern: tuple[dict[str, Any], dict[str, Any]], numbers: range) -> float:
    """The same transactions by hand, one after the other, with a client as boto3 makes it: their seconds."""
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


def check(deployed: DeployedStage, job: dict[str, Any], prefix: str, rows: int) -> Iterator[str]:
    """What is not as it must be after such an import."""
    wrong = [number for number in range(rows) if document(prefix, number)["age"] < 0]
    good = rows - len(wrong)
    counts = {"rows": rows, "created": good, "updated": 0, "unchanged": 0, "failed": len(wrong)}
    if (job["status"], job["counts"]) != ("finished", counts):
        yield f"the job says {job['status']}, {job['counts']}"
    if _reported(deployed, job) != [(number + 1, "age") for number in wrong]:
        yield "the report does not name the faults"
    wanted = {document(prefix, number)["email"] for number in range(rows)} - {
        document(prefix, number)["email"] for number in wrong
    }
    people = {row.get("email"): row for row in deployed.rows("users") if row.get("import_job") == job["id"]}
    if people.keys() != wanted:
        yield f"{len(people):,} people are there"
    yield from _not_found(deployed, [row for row in people.values() if row["age"] < 2])
    yield from _beyond_budget(deployed, rows, int(job["chunks"]))


def _reported(deployed: DeployedStage, job: dict[str, Any]) -> list[tuple[int, str]]:
    if "report" not in job:
        return []
    place = {"Bucket": deployed.bucket("work"), "Key": job["report"]["ndjson"]}
    faults = map(json.loads, _plain("s3").get_object(**place)["Body"].read().splitlines())
    return sorted((fault["line"], fault["field"]) for fault in faults)


def _not_found(deployed: DeployedStage, people: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Whom the directory does not find: by address a few, by age everybody of two ages."""
    for person in people[:: max(1, len(people) // LOOKED_UP)]:
        found = deployed.admin.call("GET", f"/users?email={person['email']}").body["items"]
        if [each["id"] for each in found] != [person["id"]]:
            yield f"{person['id']} is not found by address"
    for age in (0, 1):
        found_ids, cursor = set(), ""
        while cursor is not None:
            query = f"/users?age={age}&limit=200" + (f"&cursor={cursor}" if cursor else "")
            page = deployed.admin.call("GET", query).body
            found_ids |= {each["id"] for each in page["items"]}
            cursor = page["next"]
        missing = {person["id"] for person in people if person["age"] == age} - found_ids
        if missing:
            yield f"{len(missing):,} of {age} years are not found by age"


def _beyond_budget(deployed: DeployedStage, rows: int, chunks: int) -> Iterator[str]:
    """Calls beyond those that DynamoDB's limits force: a transaction for fifty people, and two calls for each chunk."""
    made = [call["operation"] for call in deployed.calls()["import_chunk"]]
    transactions = made.count("TransactWriteItems") - WARM // PER_TRANSACTION
    others = len(made) - made.count("TransactWriteItems") - 2
    if transactions > -(-rows // PER_TRANSACTION) or others != 2 * chunks:
        yield f"the {chunks:,} chunks took {transactions:,} transactions and {others:,} other calls"


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
