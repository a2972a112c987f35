"""Rows of an import against bare loops, which make the same transactions of the same rows, one after the other, and
neither check nor report anything: one by boto3 as anybody would write it, one with our own client.

The handler is the real one, on a chunk as `plan_import` cuts it. At 0 ms of AWS's, CPU time is compared; at 20 ms the
time that passes, for which the machine must have nothing else to do.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import redirect_stdout
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks import null_aws
from benchmarks.measuring import Measured, medians

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Runs = dict[str, tuple[Callable[[], object], int]]
    """What is run, and how many rows that is."""

Row = dict[str, Any]
Item = dict[str, Any]

ACTIONS = 100
"""Actions of a transaction."""
CPU_AT_MOST = 1 / 0.6
TIME_AT_MOST = 1 / 8
LOOP_ROWS = 2000
"""Of a bare loop, whose rows all take the same time."""

BCRYPT = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"
FILES: dict[str, Row] = {"a row": {}, "a row with a hash": {"password_hash": BCRYPT}}


def measure() -> list[Measured]:
    lines: list[Measured] = []
    with null_aws.running() as aws, open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        for number, (what, more) in enumerate(FILES.items()):
            chunk = Chunk(more, first=number * 1_000_000)
            loop = BareLoop(chunk)
            aws.canned()
            runs: Runs = {
                "ours": (chunk.import_it, chunk.rows),
                "boto3": (loop.by_boto3, loop.rows),
                "bare": (loop.by_our_client, loop.rows),
            }
            for run, _ in runs.values():
                run()
            cpu = each(runs, time.process_time, rounds=9)
            aws.delay(milliseconds=20)
            passed = each(runs, time.monotonic, rounds=5)
            aws.delay(milliseconds=0)
            aws.live()
            lines += [
                Measured(f"CPU of {what}; boto3", cpu["ours"], cpu["boto3"], "us", at_most=CPU_AT_MOST),
                Measured(f"CPU of {what}; our client", cpu["ours"], cpu["bare"], "us"),
                Measured(f"{what} at 20 ms; boto3", passed["ours"], passed["boto3"], "us", at_most=TIME_AT_MOST),
                Measured(f"{what} at 20 ms; our client", passed["ours"], passed["bare"], "us"),
            ]
    return lines


def microseconds_of(run: Callable[[], object], rows: int, clock: Callable[[], float]) -> float:
    """The microseconds of one of the rows of a run."""
    started = clock()
    run()
    return (clock() - started) / rows * 1e6


def each(runs: Runs, clock: Callable[[], float], rounds: int) -> dict[str, float]:
    """The microseconds of one row, by run."""
    timed = {name: partial(microseconds_of, run, rows, clock) for name, (run, rows) in runs.items()}
    return medians(timed, rounds=rounds, seconds=30)


class Chunk:
    """A chunk of an import as `plan_import` leaves it, whose rows have `more` members."""

    def __init__(self, more: dict[str, Any], first: int, rows: int = 0) -> None:
        from chalicelib.core import ids
        from chalicelib.core.crypto.message_macs import vouched
        from chalicelib.imports import files
        from chalicelib.imports.model import CHUNK_ROWS, Options, chunk_key
        from chalicelib.imports.rows.chunk_lines import Line

        self.rows, self.more, self.end = rows or CHUNK_ROWS, more, first + (rows or CHUNK_ROWS)
        self.documents = [json.dumps({**_row(first + number), **more}).encode() for number in range(self.rows)]
        job = ids.new_id()
        key = chunk_key(job, 1)
        written = [Line(number, number, "", text).written() for number, text in enumerate(self.documents, 1)]
        files.put_sealed(key, b"".join(written))
        entry = {"job": job, "chunk": 1, "key": key, "kind": "users", "system": "Rollcall", "of_chunks": 1}
        context = {"options": Options().stored(), "actor": "", "request_id": "", "traceparent": ""}
        self._entry = vouched("manifests", {**entry, **context})

    def import_it(self) -> None:
        """The handler of the function, with this chunk."""
        from chalicelib.imports.chunk import import_chunk

        import_chunk(self._entry)


class BareLoop:
    """The same rows as the same items, in transactions one after the other. The items are those of a person whom an
    import made, with what differs from row to row."""

    def __init__(self, chunk: Chunk) -> None:
        import boto3

        from chalicelib.core.aws import clients

        self._boto3 = boto3.client("dynamodb")
        Chunk(chunk.more, first=chunk.end, rows=1).import_it()
        self._documents = chunk.documents[:LOOP_ROWS]
        self.rows = len(self._documents)
        self._users, self._credentials = clients.table("users"), clients.table("credentials")
        self._lock = self._credentials.get({"id": f"email#{_row(chunk.end)['email']}"}) or {}
        self._person = self._users.get({"id": self._lock["user_id"]}) or {}
        self._password = self._credentials.get({"id": f"password#{self._lock['user_id']}"}) or {}

    def by_our_client(self) -> None:
        from chalicelib.core.aws import clients
        from chalicelib.core.aws.dynamo import absent

        tables = {self._users.name: self._users, self._credentials.name: self._credentials}
        for transaction in self._transactions():
            actions = [tables[table].putting(item, absent()) for table, item in transaction]
            clients.database().transact(dict(enumerate(actions)))

    def by_boto3(self) -> None:
        from chalicelib.core.aws.dynamo import from_item

        new = {"ConditionExpression": "attribute_not_exists(id)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        for transaction in self._transactions():
            puts = [{"TableName": table, "Item": from_item(item), **new} for table, item in transaction]
            self._boto3.transact_write_items(TransactItems=[{"Put": put} for put in puts])

    def _transactions(self) -> Iterator[list[tuple[str, Item]]]:
        """The tables and items of each transaction."""
        transaction: list[tuple[str, Item]] = []
        for number, text in enumerate(self._documents):
            row = json.loads(text)
            user_id, email, password_hash = f"plain-{number}", row["email"], row.pop("password_hash", None)
            names = {"email_key": email, "name_key": f"{row['name']}#{user_id}"}
            items = [
                (self._users.name, {**self._person, **row, "id": user_id, **names}),
                (self._credentials.name, {**self._lock, "id": f"email#{email}", "user_id": user_id}),
            ]
            if password_hash:
                password = {**self._password, "id": f"password#{user_id}", "hash": password_hash}
                items.append((self._credentials.name, password))
            if len(transaction) + len(items) > ACTIONS:
                yield transaction
                transaction = []
            transaction += items
        yield transaction


def _row(number: int) -> dict[str, Any]:
    return {
        "email": f"person.{number}@example.org",
        "name": f"Person Number {number}",
        "age": number % 90,
        "locale": "en",
        "attributes": {"plan": "free", "seats": number % 7},
    }
