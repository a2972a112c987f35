"""Exports and items in bulk against bare loops: a scan whose people are written as JSON, and the same conditional
writes one after the other, of values that nobody checks."""

from __future__ import annotations

import json
import os
import time
from contextlib import redirect_stdout
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks import null_aws
from benchmarks.import_rows import Chunk, each
from benchmarks.measuring import Measured

if TYPE_CHECKING:
    from benchmarks.import_rows import Runs

PEOPLE, AT_ONCE = 400, 50
"""Written to moto, which takes its time, before anything is measured."""
ITEMS = 1_000


def measure() -> list[Measured]:
    with null_aws.running() as aws, open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        export, items = _exports(), _items()
        aws.canned()
        for run, _ in (*export.values(), *items.values()):
            run()
        exported = each(export, time.process_time, rounds=9)
        stored = each(items, time.process_time, rounds=5)
        aws.delay(milliseconds=20)
        passed = each(items, time.monotonic, rounds=1)
    return [
        Measured("CPU of an exported person; a scan", exported["ours"], exported["bare"], "us"),
        Measured("CPU of an item; one after the other", stored["ours"], stored["bare"], "us"),
        Measured("an item at 20 ms; one after the other", passed["ours"], passed["bare"], "us", at_most=1 / 8),
    ]


def _exports() -> Runs:
    from chalicelib.core import ids
    from chalicelib.core.aws import clients, objects
    from chalicelib.exports.export import export_segment
    from chalicelib.jobs import jobs

    for first in range(0, PEOPLE, AT_ONCE):
        Chunk({}, first=first, rows=AT_ONCE).import_it()
    job, _ = jobs().create("export", ids.new_id(), format="ndjson", credentials=False, filters={})

    def scan() -> None:
        lines, start = [], None
        while True:
            found = clients.table("users").scan_segment(0, 1, start=start)
            lines += [json.dumps(person).encode() for person in found.items]
            start = found.next
            if start is None:
                break
        objects.put("exports/bare", b"\n".join(lines))

    segment = {"job": job["id"], "segment": 0, "segments": 1}
    return {"ours": (partial(export_segment, segment), PEOPLE), "bare": (scan, PEOPLE)}


def _items() -> Runs:
    from chalicelib.items import ItemWrite
    from chalicelib.items.ingest import put_items
    from chalicelib.items.store import items

    documents: list[dict[str, Any]] = [
        {
            "user_id": f"U{number}",
            "item_id": str(number),
            "item_key": "settings",
            "item_value": {"theme": "dark", "size": number},
            "at": "2026-03-01T10:00:00.000Z",
        }
        for number in range(ITEMS)
    ]

    def one_by_one() -> None:
        for document in documents:
            items().apply(ItemWrite.model_construct(**document, deleted=False))

    return {"ours": (partial(put_items, {"items": documents}), ITEMS), "bare": (one_by_one, ITEMS)}
