"""DynamoDB in plain Python values: a `Table` of conditional writes, and transactions over several.

Stores import from here. Behind it: `values` (typed JSON), `expressions` (conditions), `requests` (what changes one
item), `table` with `inserts`, `database` (transactions of `actions`, reads over several tables) with `batch_reads`, and
`errors`.
"""

from chalicelib.core.aws.dynamo.actions import Action
from chalicelib.core.aws.dynamo.batch_reads import BATCH_READ_LIMIT
from chalicelib.core.aws.dynamo.database import TRANSACTION_LIMIT, Database, together
from chalicelib.core.aws.dynamo.errors import ConditionFailed, TransactionRefused
from chalicelib.core.aws.dynamo.expressions import absent, present, unchanged
from chalicelib.core.aws.dynamo.inserts import INSERT_LIMIT
from chalicelib.core.aws.dynamo.table import ResultPage, Table
from chalicelib.core.aws.dynamo.values import Item, Key, from_item, marshal, to_item, unmarshal

__all__ = [
    "BATCH_READ_LIMIT",
    "INSERT_LIMIT",
    "TRANSACTION_LIMIT",
    "Action",
    "ConditionFailed",
    "Database",
    "Item",
    "Key",
    "ResultPage",
    "Table",
    "TransactionRefused",
    "absent",
    "from_item",
    "marshal",
    "present",
    "to_item",
    "together",
    "unchanged",
    "unmarshal",
]
