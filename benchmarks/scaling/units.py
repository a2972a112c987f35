"""Capacity units by DynamoDB's rules, from the items before and after a write, and where in each index they fall.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.tables import Index, TableSpec

TypedItem = dict[str, dict[str, Any]]
"""An item in DynamoDB's JSON: `{"id": {"S": "U1"}}`."""

WRITE_UNIT_BYTES = 1024
READ_UNIT_BYTES = 4096


def size(item: TypedItem) -> int:
    """The bytes of an item, its names included."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: dict[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        return len(content.strip("-").replace(".", "")) // 2 + 2
    if kind == "L":
        return 3 + sum(1 + _value_size(each) for each in content)
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _value_size(each) for name, each in content.items())
    return len(content) if isinstance(content, str | bytes) else 1


def write_units(*items: TypedItem | None) -> int:
    """The units of a write: of the larger one of the items before and after, and at least one."""
    return max(1, *(-(-size(item) // WRITE_UNIT_BYTES) for item in items if item), 1)


def read_units(items: list[TypedItem], *, consistent: bool) -> float:
    """The units of one read of these items together; of no item it is that of a small one."""
    units = max(1, -(-sum(map(size, items)) // READ_UNIT_BYTES))
    return units if consistent else units / 2


def index_writes(
    spec: TableSpec, old: TypedItem | None, new: TypedItem | None
) -> Iterator[tuple[Index, str, int]]:
    """The writes that a change of an item causes in the indexes of its table: index, partition key, units. An index
    whose part of the item stays the same has none; one whose key changes has two."""
    for index in spec.indexes:
        before, after = _entry(spec, index, old), _entry(spec, index, new)
        if before == after:
            continue
        keys = [text(entry[index.partition]) for entry in (before, after) if entry]
        if before and after and all(before[name] == after[name] for name in (index.partition, index.sort)):
            yield index, keys[0], write_units(before, after)
            continue
        for entry, key in zip((part for part in (before, after) if part), keys, strict=True):
            yield index, key, write_units(entry)


def _entry(spec: TableSpec, index: Index, item: TypedItem | None) -> TypedItem | None:
    """What an index holds of an item; None where it lacks the index's key."""
    if item is None or not {index.partition, index.sort} <= item.keys():
        return None
    if index.projection == "ALL":
        return item
    more = () if index.projection == "KEYS_ONLY" else index.projection
    names = {spec.partition, spec.sort, index.partition, index.sort, *more}
    return {name: value for name, value in item.items() if name in names}


def text(value: dict[str, Any]) -> str:
    """A key's value as text."""
    return str(next(iter(value.values())))
