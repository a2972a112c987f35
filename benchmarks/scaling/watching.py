"""Watches which keys real code reads and writes, and for how many units, by the calls that telemetry records."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from moto.backends import get_backend
from moto.dynamodb.models.dynamo_type import DynamoType

from benchmarks.scaling.units import TypedItem, index_writes, read_units, text, write_units
from chalicelib.core.aws import telemetry
from infra.tables import KINDS, SPECS
from tests.cloudlike import NAMES
from tests.environment import ACCOUNT, REGION
from tests.functional.serial import one_call_at_a_time

if TYPE_CHECKING:
    from collections.abc import Iterator

SPEC = {NAMES.of(spec.name): spec for spec in SPECS}
KINDS_OF_KEYS = {*KINDS, "insights", "mail", "idempotency"}
"""Tables that hold several kinds of rows, which the beginnings of their keys tell apart."""
IN_TRANSACTION = 2
"""Write units of a transaction's action, over those of a plain write."""
_EQUALS = re.compile(r"(#\w+)\s*=\s*(:\w+)")

_TABLE, _MEMBER = re.compile(r'INSERT INTO "([^"]+)"'), re.compile(r"'(\w+)':\?")


class Place(NamedTuple):
    """Where a key is: a table or its index, and the kind of its rows, where it holds several."""

    table: str
    secondary: str
    kind: str

    def __str__(self) -> str:
        return "/".join(part for part in self if part)


class Access(NamedTuple):
    """Units read from or written to one partition key."""

    place: Place
    key: str
    reads: float
    writes: float


class Change(NamedTuple):
    """An item of a streamed table, before and after a write."""

    table: str
    old: TypedItem | None
    new: TypedItem | None


class Watch:
    """Collects the accesses and changes, and how many calls of what other service there were."""

    def __init__(self) -> None:
        self.accesses: list[Access] = []
        self.changes: list[Change] = []
        self.published = 0
        self.unknown: set[str] = set()
        self._rows: dict[tuple[str, ...], TypedItem] = {}
        for name in SPEC:
            for item in _moto_table(name).all_items():
                attributes: TypedItem = item.to_json()["Attributes"]
                self._rows[_row_key(name, attributes)] = attributes

    def append(self, call: telemetry.Call) -> None:
        """Note a call: telemetry appends each to what it thinks is a list."""
        if call.operation == "PublishBatch":
            self.published += len(call.parameters["PublishBatchRequestEntries"])
        if call.service == "dynamodb":
            self._of_dynamodb(call.operation, call.parameters, bool(call.error))

    def _of_dynamodb(self, operation: str, parameters: dict[str, Any], refused: bool) -> None:
        if operation in WRITES:
            for request, weight in _writes_of(operation, parameters):
                self._write(request, weight, refused)
        elif operation == "GetItem":
            self._get(parameters["TableName"], parameters["Key"], parameters.get("ConsistentRead", False))
        elif operation == "BatchGetItem":
            for table, wanted in parameters["RequestItems"].items():
                for key in wanted["Keys"]:
                    self._get(table, key, wanted.get("ConsistentRead", False))
        elif operation == "Query":
            self._query(parameters)
        else:
            self.unknown.add(operation)

    def _write(self, request: dict[str, Any], weight: int, refused: bool) -> None:
        name = request["TableName"]
        spec = SPEC[name]
        row_key = _row_key(name, request.get("Key") or request["Item"])
        old = self._rows.get(row_key)
        new = old if refused else _present(name, request.get("Key") or request["Item"])
        self._note(name, "", row_key[1], writes=weight * write_units(old, new))
        if old == new:
            return
        for index, key, units in index_writes(spec, old, new):
            self._note(name, index.name, key, writes=units)
        if new is None:
            del self._rows[row_key]
        else:
            self._rows[row_key] = new
        if spec.stream:
            self.changes.append(Change(spec.name, old, new))

    def _get(self, name: str, key: TypedItem, consistent: bool) -> None:
        item = self._rows.get(_row_key(name, key))
        units = read_units([item] if item else [], consistent=consistent)
        self._note(name, "", text(key[SPEC[name].partition]), reads=units)

    def _query(self, request: dict[str, Any]) -> None:
        name, index_name = request["TableName"], request.get("IndexName", "")
        spec = SPEC[name]
        partition = next((i.partition for i in spec.indexes if i.name == index_name), spec.partition)
        names, values = request["ExpressionAttributeNames"], request["ExpressionAttributeValues"]
        equal = {names[n]: text(values[v]) for n, v in _EQUALS.findall(request["KeyConditionExpression"])}
        key = equal[partition]
        found = [row for at, row in self._rows.items() if at[0] == name and _has(row, partition, key)]
        units = read_units(found[: request.get("Limit")], consistent=request.get("ConsistentRead", False))
        self._note(name, index_name, key, reads=units)

    def _note(self, name: str, index: str, key: str, *, reads: float = 0, writes: float = 0) -> None:
        table = SPEC[name].name
        kind = key.partition("#")[0] if table in KINDS_OF_KEYS and not index and "#" in key else ""
        if kind and table == "guards" and key.rpartition("#")[2].isdigit():
            kind += " of a window"  # a counter of so much time, which may be another than that of one mailbox
        self.accesses.append(Access(Place(table, index, kind), key, reads, writes))

    def taken_changes(self) -> dict[str, list[Change]]:
        """The changes since the last time, by table."""
        taken, self.changes = self.changes, []
        by_table: dict[str, list[Change]] = defaultdict(list)
        for change in taken:
            by_table[change.table].append(change)
        return by_table


@contextmanager
def watching() -> Iterator[Watch]:
    """Watch every call of this process while the block runs, one after the other."""
    with telemetry.recording() as record, one_call_at_a_time():
        watch = Watch()
        record.calls = watch  # type: ignore[assignment]
        yield watch
    if watch.unknown:
        raise ValueError(f"nobody has said which keys are used by {', '.join(sorted(watch.unknown))}")


WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchExecuteStatement")


def _writes_of(operation: str, parameters: dict[str, Any]) -> Iterator[tuple[dict[str, Any], int]]:
    """The writes of single items that a call asks for, each with what its units are multiplied by."""
    if operation == "TransactWriteItems":
        for action in parameters["TransactItems"]:
            (request,) = action.values()
            yield request, IN_TRANSACTION
    elif operation == "BatchExecuteStatement":
        for statement in parameters["Statements"]:
            (table,) = _TABLE.findall(statement["Statement"])
            item = dict(zip(_MEMBER.findall(statement["Statement"]), statement["Parameters"], strict=True))
            yield {"TableName": table, "Item": item}, 1
    else:
        yield parameters, 1


def _has(row: TypedItem, attribute: str, value: str) -> bool:
    return attribute in row and text(row[attribute]) == value


def _row_key(name: str, item: TypedItem) -> tuple[str, ...]:
    spec = SPEC[name]
    return (name, *(text(item[part]) for part in (spec.partition, spec.sort) if part))


def _present(name: str, key: TypedItem) -> TypedItem | None:
    spec = SPEC[name]
    parts = [DynamoType(key[part]) for part in (spec.partition, spec.sort) if part]
    item = _moto_table(name).get_item(*parts)
    return None if item is None else dict(item.to_json()["Attributes"])


def _moto_table(name: str) -> Any:
    return get_backend("dynamodb")[ACCOUNT][REGION].tables[name]
