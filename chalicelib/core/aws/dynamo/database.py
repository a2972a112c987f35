"""DynamoDB as a whole: tables, transactions, and reads of several tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib.core.aws.dynamo.actions import Actions
from chalicelib.core.aws.dynamo.batch_reads import batch_get
from chalicelib.core.aws.dynamo.errors import TransactionRefused
from chalicelib.core.aws.dynamo.requests import COUNTED
from chalicelib.core.aws.dynamo.table import Table
from chalicelib.core.aws.dynamo.values import to_item
from chalicelib.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.core.aws.dynamo.actions import Action
    from chalicelib.core.aws.dynamo.values import Item, Key

TRANSACTION_LIMIT = 100
"""Actions in a transaction:
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html"""


class Database:
    """DynamoDB as a whole: its tables, and calls over several of them."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def table(self, name: str) -> Table[Any]:
        return Table(self._client, name)

    def transact(self, actions: Mapping[Any, Action], *, token: str | None = None) -> None:
        """Apply 1 to 100 actions, all or none, each under a name of the caller's: `{"person": …, "lock": …}`. The same
        `token` (36 characters at most) within ten minutes is applied once.

        Raises TransactionRefused, by those names, where conditions do not hold, and Unavailable where another
        transaction holds an item.
        """
        request: dict[str, Any] = {"TransactItems": Actions(tuple(actions.values()))}
        if token:
            request["ClientRequestToken"] = token
        try:
            self._client.transact_write_items(**request, **COUNTED)
        except ClientError as error:
            reasons = error.response.get("CancellationReasons", [])
            failed = {
                name: to_item(reason.get("Item"))
                for name, reason in zip(actions, reasons, strict=False)  # other refusals give no reasons
                if reason.get("Code") == "ConditionalCheckFailed"
            }
            if failed:
                raise TransactionRefused(failed) from error
            if any(reason.get("Code") == "TransactionConflict" for reason in reasons):
                raise Unavailable("another transaction holds a record") from error
            raise

    def batch_get(
        self,
        keys: Sequence[tuple[Table[Any], Key]],
        *,
        consistent: bool = True,
        workers: int = 1,
        only: Sequence[str] = (),
    ) -> list[Item | None]:
        """The items of any tables, in the order of `keys`; None where there is no item, or the key is impossible. There
        is one call for each hundred different keys, and `workers` calls at once. A key may occur more than once. `only`
        names the attributes to return, keys included: as many units are used, and less is read and parsed.

        `UnprocessedKeys`, which DynamoDB returns where capacity is short or the reply would be above 16 MB, are read
        again. Raises Unavailable where some stay unprocessed.
        """
        return batch_get(self._client, keys, consistent=consistent, workers=workers, only=only)


def together(*parts: Mapping[str, Action]) -> dict[str, Action]:
    """The actions of one transaction from several, in order. Raises ValueError where two have the same name: one of
    them would be lost."""
    actions: dict[str, Action] = {}
    for part in parts:
        if twice := actions.keys() & part.keys():
            raise ValueError(f"two actions of a transaction have the name {min(twice)}")
        actions |= part
    return actions
