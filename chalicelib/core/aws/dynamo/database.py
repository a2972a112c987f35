"""DynamoDB as a whole: tables, transactions, and reads that reach over several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib.core.aws.dynamo.batch_reads import batch_get
from chalicelib.core.aws.dynamo.errors import TransactionRefused
from chalicelib.core.aws.dynamo.requests import COUNTED
from chalicelib.core.aws.dynamo.table import Table
from chalicelib.core.aws.dynamo.values import to_item
from chalicelib.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chalicelib.core.aws.dynamo.table import Action
    from chalicelib.core.aws.dynamo.values import Item, Key

TRANSACTION_LIMIT = 100
"""Actions in a transaction: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html"""


class Database:
    """DynamoDB as a whole: tables, and what reaches over several."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def table(self, name: str) -> Table[Any]:
        return Table(self._client, name)

    def transact(self, actions: Iterable[Action], *, token: str | None = None) -> None:
        """Apply 1 to 100 actions, all or none. The same `token` (36 characters at most) within ten minutes is
        applied once. Raises TransactionRefused where a condition does not hold."""
        request: dict[str, Any] = {"TransactItems": [action.request for action in actions]}
        if token:
            request["ClientRequestToken"] = token
        try:
            self._client.transact_write_items(**request, **COUNTED)
        except ClientError as error:
            reasons = error.response.get("CancellationReasons", [])
            failed = {
                position: to_item(reason.get("Item"))
                for position, reason in enumerate(reasons)
                if reason.get("Code") == "ConditionalCheckFailed"
            }
            if failed:
                raise TransactionRefused(failed) from error
            if any(reason.get("Code") == "TransactionConflict" for reason in reasons):
                raise Unavailable("another transaction holds a record") from error
            raise

    def batch_get(
        self, wanted: Sequence[tuple[Table[Any], Key]], *, consistent: bool = True, workers: int = 1
    ) -> list[Item | None]:
        """The items of any tables in the order of the keys `wanted`, one call for each hundred different ones, so many
        at once; None where there is none, or can be none. A key may be given more than once.

        What DynamoDB leaves in `UnprocessedKeys`, for want of capacity or because an answer would be above 16 MB, is
        asked for again. Raises Unavailable where it keeps doing so.
        """
        return batch_get(self._client, wanted, consistent=consistent, workers=workers)
