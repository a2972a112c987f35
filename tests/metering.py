"""What DynamoDB would charge for the app's calls: read and write units, from the sizes of what each call finds and
leaves in moto's tables. moto's own figures know neither sizes nor indexes.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

from __future__ import annotations

import io
import json
import re
import threading
from collections import Counter
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any

from moto.backends import get_backend
from moto.dynamodb.models.dynamo_type import DynamoType

from chalicelib.core.aws import clients, telemetry
from chalicelib.events.store import WRITE_SECONDS
from infra.tables import SPECS
from tests.cloudlike import NAMES
from tests.environment import ACCOUNT, REGION
from tests.strictness import size_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from infra.tables import Index, TableSpec

Typed = dict[str, Any]
Found = list[tuple[str, Typed, Typed]]
"""A table, a key in it, and the item that was there before the call: empty where there was none."""

_SPECS = {NAMES.of(spec.name): spec for spec in SPECS}
OVERHEAD = 100
_ACTIONS = ("Put", "Update", "Delete", "ConditionCheck")


@dataclass
class Meter:
    """The calls of a block, and what DynamoDB would charge for them. `writes_by_table` includes each table's
    indexes."""

    recording: telemetry.Recording
    reads: float = 0.0
    writes_by_table: Counter[str] = field(default_factory=Counter)
    kept: int = 0
    """Bytes that are more in tables and indexes than before, each entry with the 100 that DynamoDB adds."""
    lines: io.StringIO = field(default_factory=io.StringIO)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def writes(self) -> int:
        return self.writes_by_table.total()

    @property
    def calls(self) -> Counter[str]:
        """How often each operation was called, without what a process asks once and keeps."""
        return Counter(name for name in self.recording.names if name != "GetSecretValue")

    @property
    def logged(self) -> int:
        """Bytes of log lines, each with the 26 that CloudWatch adds:
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"""
        return sum(len(line.encode()) + 26 for line in self.lines.getvalue().splitlines())

    def before(self, model: Any, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        asked = json.loads(params["body"])
        found = [(table, key, stored(table, key)) for table, key in _written(model.name, asked)]
        context[f"metered by {id(self)}"] = asked, found

    def after(self, model: Any, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        asked, found = context.pop(f"metered by {id(self)}")
        with self._lock:
            self.reads += _reads(model.name, asked, parsed)
            factor = 2 if model.name == "TransactWriteItems" else 1
            for table, key, old in found:
                new = stored(table, key)
                self.writes_by_table[_SPECS[table].name] += _write(table, old, new, factor)
                self.kept += _footprint(table, new) - _footprint(table, old)


@contextmanager
def metered() -> Iterator[Meter]:
    """Count what DynamoDB would charge for the app's calls while the block runs."""
    with telemetry.recording() as recording:
        meter = Meter(recording)
        listened = [clients.client("dynamodb").meta.events, clients.client("dynamodb", WRITE_SECONDS).meta.events]
        for events in listened:
            events.register_first("before-call.dynamodb", meter.before)
            events.register_last("after-call.dynamodb", meter.after)
        try:
            with redirect_stdout(meter.lines):
                yield meter
        finally:
            for events in listened:
                events.unregister("before-call.dynamodb", meter.before)
                events.unregister("after-call.dynamodb", meter.after)


def stored(table: str, key: Typed) -> Typed:
    """The item of that key as moto keeps it, without a call; empty where there is none."""
    spec = _SPECS[table]
    of_table = get_backend("dynamodb")[ACCOUNT][REGION].tables[table]
    range_key = DynamoType(key[spec.sort]) if spec.sort else None
    item = of_table.get_item(DynamoType(key[spec.partition]), range_key)
    return dict(item.to_json()["Attributes"]) if item else {}


def _written(operation: str, asked: dict[str, Any]) -> Iterable[tuple[str, Typed]]:
    """The table and the key of each item that a request writes, or holds a condition against in a transaction."""
    if operation == "BatchExecuteStatement":
        yield from map(_inserted, asked["Statements"])
        return
    if operation == "TransactWriteItems":
        parts = [action[kind] for action in asked["TransactItems"] for kind in _ACTIONS if kind in action]
    elif operation in {"PutItem", "UpdateItem", "DeleteItem"}:
        parts = [asked]
    else:
        return
    for part in parts:
        spec = _SPECS[part["TableName"]]
        names = [name for name in (spec.partition, spec.sort) if name]
        yield part["TableName"], {name: (part.get("Key") or part["Item"])[name] for name in names}


def _inserted(statement: dict[str, Any]) -> tuple[str, Typed]:
    """The table and the key of PartiQL's insert, as `chalicelib.core.aws.dynamo.inserts` writes it."""
    table, *names = re.findall(r'INTO "([^"]+)"|\'([^\']+)\':', statement["Statement"])
    spec = _SPECS[table[0]]
    item = dict(zip([name for _, name in names], statement["Parameters"], strict=True))
    return table[0], {name: item[name] for name in (spec.partition, spec.sort) if name}


def _write(table: str, old: Typed, new: Typed, factor: int) -> int:
    """The units of one write: of the larger image, twice in a transaction, and of each index that it changes."""
    spec = _SPECS[table]
    units = factor * max(1, ceil(max(size_of(old), size_of(new)) / 1024))
    return units + sum(_index_write(spec, index, old, new) for index in spec.indexes)


def _index_write(spec: TableSpec, index: Index, old: Typed, new: Typed) -> int:
    """A changed key deletes one entry and puts another; what is not projected costs nothing:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes"""
    before, after = _entry(spec, index, old), _entry(spec, index, new)
    if before == after:
        return 0
    keys = (index.partition, index.sort)
    if before and after and all(before[name] == after[name] for name in keys):
        return ceil(max(size_of(before), size_of(after)) / 1024)
    return sum(ceil(size_of(entry) / 1024) for entry in (before, after) if entry)


def _footprint(table: str, item: Typed) -> int:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html"""
    spec = _SPECS[table]
    entries = [item, *(_entry(spec, index, item) for index in spec.indexes)]
    return sum(size_of(entry) + OVERHEAD for entry in entries if entry)


def _entry(spec: TableSpec, index: Index, item: Typed) -> Typed:
    if index.partition not in item or index.sort not in item:
        return {}
    if index.projection == "ALL":
        return item
    further = () if index.projection == "KEYS_ONLY" else index.projection
    projected = {spec.partition, spec.sort, index.partition, index.sort, *further}
    return {name: value for name, value in item.items() if name in projected}


def _reads(operation: str, asked: dict[str, Any], parsed: dict[str, Any]) -> float:
    """The units of one request: an item by itself, a query's items together, half where it need not be consistent."""
    if operation == "GetItem":
        return _read(size_of(stored(asked["TableName"], asked["Key"])), consistent=asked.get("ConsistentRead"))
    if operation == "BatchGetItem":
        return sum(
            _read(size_of(stored(table, key)), consistent=part.get("ConsistentRead"))
            for table, part in asked["RequestItems"].items()
            for key in part["Keys"]
        )
    if operation in {"Query", "Scan"}:
        items = parsed.get("Items", [])
        size = sum(map(size_of, items)) / max(1, len(items)) * parsed.get("ScannedCount", len(items))
        return _read(size, consistent=asked.get("ConsistentRead"))
    return 0.0


def _read(size: float, *, consistent: Any) -> float:
    return max(1, ceil(size / 4096)) * (1.0 if consistent else 0.5)
