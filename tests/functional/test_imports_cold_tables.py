"""An import on tables that take little writes as fast as they take it, instead of failing."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.imports.chunk import import_chunk
from chalicelib.imports.plan import plan_import
from chalicelib.imports.uploads import receive_uploads
from tests.functional.faults import listening
from tests.functional.importing import StateMachines
from tests.functional.serial import one_call_at_a_time
from tests.replies import refused

ROWS = 500
A_SECOND = 2
"""Transactions that the tables take: a hundred people, as if four others wrote too."""


class ColdTables:
    """Refuses transactions beyond so many a second, as DynamoDB does."""

    def __init__(self) -> None:
        self.answers: Counter[str] = Counter()
        self._left, self._at = float(A_SECOND), clock.running()

    def hear(self, **_: object) -> object:
        now = clock.running()
        self._left, self._at = min(A_SECOND, self._left + (now - self._at) * A_SECOND), now
        if self._left < 1:
            self.answers["refused"] += 1
            status, answer = refused("TransactionCanceledException")
            answer["CancellationReasons"] = [{"Code": "ThrottlingError"}, {"Code": "None"}]
            return status, answer
        self._left -= 1
        self.answers["written"] += 1
        return None


@pytest.mark.slow
def test_a_chunk_on_cold_tables_ends_in_its_first_run(aws, held_clock):
    state_machines, tables = StateMachines(aws), ColdTables()
    rows = [{"email": f"p{number}@example.com", "name": f"Person {number}"} for number in range(ROWS)]
    receive_uploads(
        {"Records": [state_machines.upload("\n".join(map(json.dumps, rows)).encode(), "imports/a.ndjson")]}
    )
    (entry,) = state_machines.manifest(plan_import(state_machines.started()[0]))
    event = "before-call.dynamodb.TransactWriteItems"
    with one_call_at_a_time(), listening(clients.client("dynamodb"), event, tables.hear):
        assert import_chunk(entry)["counts"]["created"] == ROWS
    assert tables.answers["written"] == ROWS // 50
    assert 0 < tables.answers["refused"] <= 3 * ROWS // 50
    assert len(aws.rows("users")) == ROWS
