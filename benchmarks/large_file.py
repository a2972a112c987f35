"""A file of many people through the deployed stage, and what must be true afterwards."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from tools import cloud

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.cloud.stage import DeployedStage

WRONG_EVERY = 1000
"""One row in so many has a fault."""
AGES = 90
PER_TRANSACTION = 50
"""People of two records each: a transaction has a hundred actions."""
LOOKED_UP = 20
END_SECONDS = 3600


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


def counted(deployed: DeployedStage) -> int:
    """The imported people that the statistics have counted so far."""
    return int(deployed.admin.call("GET", "/insights").body["total"]["imports"])


def miscounted(deployed: DeployedStage, expected: int) -> Iterator[str]:
    """What the statistics say instead, when every event has come to them."""
    deadline = time.monotonic() + END_SECONDS
    while (found := counted(deployed)) < expected and time.monotonic() < deadline:
        time.sleep(2)
    if found != expected:
        yield f"the statistics count {found:,} imported people, not {expected:,}"


def chunk_calls(deployed: DeployedStage) -> Counter[str]:
    """The AWS calls that `import_chunk` has logged, by operation."""
    return Counter(call["operation"] for call in deployed.calls("import_chunk")["import_chunk"])


def beyond_budget(made: Counter[str], rows: int, chunks: int) -> Iterator[str]:
    """Calls beyond those that DynamoDB's limits force: a transaction for fifty people, and two calls for each chunk."""
    transactions = made["TransactWriteItems"]
    others = made.total() - transactions
    if transactions > -(-rows // PER_TRANSACTION) or others != 2 * chunks:
        yield f"{chunks:,} chunks took {transactions:,} transactions and {others:,} other calls"


def faults(deployed: DeployedStage, job: dict[str, Any], prefix: str, rows: int) -> Iterator[str]:
    """What is not as it must be after the import of such a file."""
    wrong = [number for number in range(rows) if document(prefix, number)["age"] < 0]
    good = rows - len(wrong)
    counts = {"rows": rows, "created": good, "updated": 0, "unchanged": 0, "failed": len(wrong)}
    if (job["status"], job["counts"]) != ("finished", counts):
        yield f"the job says {job['status']}, {job['counts']}"
    if _reported(deployed, job) != [(number + 1, "age") for number in wrong]:
        yield "the report does not name the faults"
    people = {row.get("email"): row for row in deployed.rows("users") if row.get("import_job") == job["id"]}
    wanted = {document(prefix, number)["email"] for number in set(range(rows)) - set(wrong)}
    if people.keys() != wanted:
        yield f"{len(people):,} people are there"
    yield from _not_found(deployed, [row for row in people.values() if row["age"] < 2])


def _reported(deployed: DeployedStage, job: dict[str, Any]) -> list[tuple[int, str]]:
    if "report" not in job:
        return []
    place = {"Bucket": deployed.bucket("work"), "Key": job["report"]["ndjson"]}
    found = map(json.loads, cloud.client("s3").get_object(**place)["Body"].read().splitlines())
    return sorted((row["_line"], fault["field"]) for row in found for fault in row["_errors"])


def _not_found(deployed: DeployedStage, people: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Whom the directory does not find: by address a few, by age everybody of two ages."""
    for person in people[:: max(1, len(people) // LOOKED_UP)]:
        found = deployed.admin.call("GET", f"/users?email={person['email']}").body["items"]
        if [each["id"] for each in found] != [person["id"]]:
            yield f"{person['id']} is not found by address"
    for age in (0, 1):
        missing = {person["id"] for person in people if person["age"] == age} - _of_age(deployed, age)
        if missing:
            yield f"{len(missing):,} of {age} years are not found by age"


def _of_age(deployed: DeployedStage, age: int) -> set[str]:
    found: set[str] = set()
    cursor: str | None = ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        page = deployed.admin.call("GET", f"/users?age={age}&limit=200{more}").body
        found |= {each["id"] for each in page["items"]}
        cursor = page["next"]
    return found
