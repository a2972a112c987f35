"""The null AWS answers as moto does, and the same again without it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import json
from benchmarks import null_aws
with null_aws.running() as aws:
    from chalicelib.core.aws import clients
    from benchmarks.measuring import Aside
    from benchmarks.null_aws.taken_off import taken_off
    from tests.builders import a_person
    ada = a_person(name="Ada", email="ada@example.org")
    clients.table("users").put(ada)
    aws.canned()
    aws.counted()
    found = [clients.table("users").get({"id": ada["id"]}) == ada for _ in range(3)]
    found.append(clients.table("users").get({"id": "nobody"}) is None)
    clients.send("jobs", "1")
    asked = aws.counted()
    with taken_off(Aside()):
        found += [clients.table("users").get({"id": ada["id"]}) == ada for _ in range(3)]
    print(json.dumps({"found": found, "asked": asked, "then": aws.counted()}))
"""


@pytest.mark.slow
def test_what_was_answered_once_is_answered_again() -> None:
    # In a process of its own, whose clients speak to that endpoint.
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["found"] == [True] * 7
    assert told["asked"] == {"GetItem": 4, "SendMessage": 1}
    assert told["then"] == {"GetItem": 1}
