"""DynamoDB in plain Python values: a `Table` of conditional writes, and transactions over several.

Stores import from here and from nowhere below.
"""

from chalicelib.core.aws.dynamo.table import (
    BATCH_READ_LIMIT,
    TRANSACTION_LIMIT,
    Action,
    ConditionFailed,
    Database,
    Item,
    Key,
    Page,
    Table,
    TransactionRefused,
    absent,
    from_item,
    marshal,
    present,
    to_item,
    unchanged,
    unmarshal,
)

__all__ = [
    "BATCH_READ_LIMIT",
    "TRANSACTION_LIMIT",
    "Action",
    "ConditionFailed",
    "Database",
    "Item",
    "Key",
    "Page",
    "Table",
    "TransactionRefused",
    "absent",
    "from_item",
    "marshal",
    "present",
    "to_item",
    "unchanged",
    "unmarshal",
]
