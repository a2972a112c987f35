"""What DynamoDB refuses and moto takes, refused: the app's requests are held to its limits before moto has them.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ParamValidationError
from botocore.validate import ParamValidator

from infra.tables import SPECS
from tests import partiql

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chalicelib.core.names import Names

ITEM_BYTES = 400 * 1024
TRANSACTION_BYTES = 4 * 1024**2
DEPTH = 32
DIGITS = 38
PARTITION_BYTES, SORT_BYTES = 2048, 1024

Typed = dict[str, Any]


def _limits(*keys: tuple[str, str | None]) -> dict[str, int]:
    """How many bytes an attribute may have, where it may be part of several keys."""
    partitions = {partition: PARTITION_BYTES for partition, _ in keys}
    return partitions | {sort: SORT_BYTES for _, sort in keys if sort}


class Refusal(Exception):
    """Why DynamoDB would refuse a request."""


class Limits:
    """Listens to DynamoDB's requests, and refuses what the service would."""

    def __init__(self, names: Names) -> None:
        own = {spec.name: (spec.partition, spec.sort) for spec in SPECS}
        others = {spec.name: [(index.partition, index.sort) for index in spec.indexes] for spec in SPECS}
        self._read = {names.of(name): _limits(key) for name, key in own.items()}
        self._written = {names.of(name): _limits(key, *others[name]) for name, key in own.items()}

    def check(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        """Raises the ClientError of a request that DynamoDB would not take, ParamValidationError for one that is not
        of its shape: the app's own clients do not look."""
        wrong = ParamValidator().validate(params, model.input_shape)
        if wrong.has_errors():
            raise ParamValidationError(report=wrong.generate_report())
        try:
            self._check(model.name, params)
        except Refusal as refusal:
            error = {"Code": "ValidationException", "Message": str(refusal)}
            raise ClientError({"Error": error, "ResponseMetadata": {"HTTPStatusCode": 400}}, model.name) from None

    def _check(self, operation: str, params: dict[str, Any]) -> None:
        if operation == "TransactWriteItems":
            self._check_transaction(params["TransactItems"])
        elif operation == "BatchGetItem":
            for table, part in params["RequestItems"].items():
                for key in part["Keys"]:
                    _check_keys(self._read.get(table, {}), key)
        elif operation == "BatchExecuteStatement":
            self._check_statements(params["Statements"])
        else:
            self._check_one(params)

    def _check_transaction(self, actions: list[dict[str, Any]]) -> None:
        for action in actions:
            for one in action.values():
                self._check_one(one)
        size = sum(size_of(one.get("Item", {})) for action in actions for one in action.values())
        if not 1 <= len(actions) <= 100 or size > TRANSACTION_BYTES:
            raise Refusal("a transaction takes 1 to 100 actions, and 4 MB")

    def _check_statements(self, statements: list[dict[str, Any]]) -> None:
        """Of a batch of inserts. That a key occurs twice is refused here, as in a transaction: nobody relies on it."""
        puts = [partiql.inserted(statement) for statement in statements]
        keys = {
            (put["TableName"], *(str(put["Item"].get(n)) for n in self._read[put["TableName"]])) for put in puts
        }
        if not 1 <= len(puts) <= partiql.LIMIT or len(keys) < len(puts):
            raise Refusal("a batch takes 1 to 25 statements, each about another item")
        for put in puts:
            self._check_one({"TableName": put["TableName"], "Item": put["Item"]})

    def _check_one(self, one: dict[str, Any]) -> None:
        table = one.get("TableName", "")
        written = "Item" in one or "UpdateExpression" in one
        for item in (one.get("Item"), one.get("Key"), one.get("ExclusiveStartKey")):
            if item is not None:
                _check_keys((self._written if written else self._read).get(table, {}), item)
                _check_item(item)
        values = one.get("ExpressionAttributeValues", {})
        _check_item(values)
        _check_keys(self._written.get(table, {}), dict(_set(one)))
        if "KeyConditionExpression" in one:
            _check_condition(one["KeyConditionExpression"], values)


def _check_keys(limits: Mapping[str, int], item: Mapping[str, Typed]) -> None:
    for name, limit in limits.items():
        text = item.get(name, {}).get("S")
        if text is not None and not 1 <= _bytes(text) <= limit:
            raise Refusal(f"the key {name} has {_bytes(text)} bytes, where it may have 1 to {limit}")


def _set(one: dict[str, Any]) -> Iterator[tuple[str, Typed]]:
    """The attributes that an update sets as wholes, with their values."""
    names, values = one.get("ExpressionAttributeNames", {}), one.get("ExpressionAttributeValues", {})
    for clause in one.get("UpdateExpression", "").replace("SET ", ", ").replace(" ADD ", ", ").split(", "):
        name, _, value = clause.partition(" = ")
        if name.strip() in names and value.strip() in values:
            yield names[name.strip()], values[value.strip()]


def _check_condition(expression: str, values: Mapping[str, Typed]) -> None:
    texts = [value["S"] for name, value in values.items() if "S" in value and name in expression]
    limit = PARTITION_BYTES if len(texts) == 1 else SORT_BYTES
    if not all(1 <= _bytes(text) <= limit for text in texts):
        raise Refusal("a key condition with a value that no key can have")


def _check_item(item: Mapping[str, Typed]) -> None:
    for value in item.values():
        _check_value(value, DEPTH)
    if size_of(item) > ITEM_BYTES:
        raise Refusal("Item size has exceeded the maximum allowed size")


def _check_value(typed: Typed, depth: int) -> None:
    if depth < 0:
        raise Refusal("Nesting Levels have exceeded supported limits")
    ((kind, value),) = typed.items()
    if kind == "N":
        _check_number(value)
    elif kind == "S":
        _bytes(value)
    elif kind in {"SS", "NS", "BS"} and (not value or len(set(value)) != len(value)):
        raise Refusal("An empty set, or one that holds something twice")
    for part in _parts(kind, value):
        _check_value(part, depth - 1)


def _parts(kind: str, value: Any) -> Iterable[Typed]:
    if kind == "M":
        if "" in value:
            raise Refusal("a member of a map without a name")
        return list(value.values())
    return list(value) if kind == "L" else ()


def _check_number(text: str) -> None:
    number = Decimal(text)
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    if not number.is_finite() or len(digits) > DIGITS:
        raise Refusal("Attempting to store more than 38 significant digits in a Number")
    if number and not -130 <= number.adjusted() <= 125:
        raise Refusal("Number overflow or underflow")


def size_of(item: Mapping[str, Typed]) -> int:
    """Bytes of an item, by
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html"""
    return sum(_bytes(name) + _value_size(value) for name, value in item.items())


def _value_size(typed: Typed) -> int:
    ((kind, value),) = typed.items()
    if kind == "M":
        return 3 + sum(1 + _bytes(name) + _value_size(part) for name, part in value.items())
    if kind == "L":
        return 3 + sum(1 + _value_size(part) for part in value)
    if kind == "S":
        return _bytes(value)
    if kind in {"SS", "NS", "BS"}:
        return sum(map(len, value))
    return {"N": lambda: len(value) // 2 + 2, "B": lambda: len(value)}.get(kind, lambda: 1)()


def _bytes(text: str) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        raise Refusal("a text that is not Unicode") from None
