"""The table `grants`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core import clock
from chalicelib.core.aws import clients as aws_clients
from chalicelib.core.aws import records
from chalicelib.core.aws.dynamo import ConditionFailed, absent
from chalicelib.core.aws.dynamo.conditions import Attr

if TYPE_CHECKING:
    from chalicelib.core.aws.dynamo import Table


class Grants:
    """Codes, grants, requests that were sent beforehand, and assertions that were used."""

    def __init__(self, grants: Table[Any]) -> None:
        self._grants = grants

    def spend(self, assertion_id: str, seconds: int) -> bool:
        """Remember that an assertion of a client was used. False where it was used before."""
        row = {"id": f"jti#{assertion_id}", "schema": records.SCHEMA, "expires_at": clock.epoch() + seconds}
        try:
            self._grants.put(row, absent() | Attr("expires_at").lte(clock.epoch()))
        except ConditionFailed:
            return False
        return True


@aws_clients.once
def grants() -> Grants:
    """The stage's grants."""
    return Grants(aws_clients.table("grants"))
