"""Rows of an import against a bare loop, which makes the same transactions of the same rows with the same client, one
after the other, and neither checks nor reports anything.

The handler is the real one, on a chunk as `plan_import` cuts it. At 0 ms of AWS's, CPU time is compared; at 20 ms the
time that passes.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

from benchmarks import null_aws
from benchmarks.measuring import Measured, medians

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.core.aws.dynamo import Action

TRANSACTION_LIMIT = 100
CPU_AT_MOST = 1 / 0.6
TIME_AT_MOST = 1 / 8

BCRYPT = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"


def measure() -> list[Measured]:
    lines: list[Measured] = []
    with null_aws.running() as aws, open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        for first, (what, more) in enumerate((("", {}), (", each with a bcrypt hash", {"password_hash": BCRYPT}))):
            chunk = Chunk(more, first=first * 1_000_000)
            loop = BareLoop(chunk)
            aws.canned()
            chunk.import_it()
            cpu = medians({"ours": _cpu(chunk.import_it), "bare": _cpu(loop.write)}, rounds=9, seconds=20)
            aws.delay(milliseconds=20)
            passed = medians({"ours": _passed(chunk.import_it), "bare": _passed(loop.write)}, rounds=3, seconds=30)
            aws.delay(milliseconds=0)
            aws.live()
            each = 1e6 / chunk.rows
            lines.append(
                Measured(f"CPU of a row{what}", cpu["ours"] * each, cpu["bare"] * each, "us", at_most=CPU_AT_MOST)
            )
            lines.append(
                Measured(
                    f"a row at 20 ms a call{what}",
                    passed["ours"] * each,
                    passed["bare"] * each,
                    "us",
                    at_most=TIME_AT_MOST,
                )
            )
    return lines


def _cpu(run: Callable[[], object]) -> Callable[[], float]:
    return lambda: _taken(run, time.process_time)


def _passed(run: Callable[[], object]) -> Callable[[], float]:
    return lambda: _taken(run, time.monotonic)


def _taken(run: Callable[[], object], clock: Callable[[], float]) -> float:
    started = clock()
    run()
    return clock() - started


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
        from chalicelib.core.aws import clients

        Chunk(chunk.more, first=chunk.end, rows=1).import_it()
        self._documents = chunk.documents
        self._users, self._credentials = clients.table("users"), clients.table("credentials")
        self._lock = self._credentials.get({"id": f"email#{_row(chunk.end)['email']}"}) or {}
        self._person = self._users.get({"id": self._lock["user_id"]}) or {}
        self._password = self._credentials.get({"id": f"password#{self._lock['user_id']}"}) or {}

    def write(self) -> None:
        from chalicelib.core.aws import clients
        from chalicelib.core.aws.dynamo import absent

        actions: dict[int, Action] = {}
        for number, text in enumerate(self._documents):
            row = json.loads(text)
            user_id, email, password_hash = f"plain-{number}", row["email"], row.pop("password_hash", None)
            person = {
                **self._person,
                **row,
                "id": user_id,
                "email_key": email,
                "name_key": f"{row['name']}#{user_id}",
            }
            lock = {**self._lock, "id": f"email#{email}", "user_id": user_id}
            made = [self._users.putting(person, absent()), self._credentials.putting(lock, absent())]
            if password_hash:
                password = {**self._password, "id": f"password#{user_id}", "hash": password_hash}
                made.append(self._credentials.putting(password, absent()))
            if len(actions) + len(made) > TRANSACTION_LIMIT:
                clients.database().transact(actions)
                actions = {}
            for action in made:
                actions[len(actions)] = action
        clients.database().transact(actions)


def _row(number: int) -> dict[str, Any]:
    return {
        "email": f"person.{number}@example.org",
        "name": f"Person Number {number}",
        "age": number % 90,
        "locale": "en",
        "attributes": {"plan": "free", "seats": number % 7},
    }
