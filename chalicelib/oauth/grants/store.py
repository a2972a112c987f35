"""The table `grants`. A grant that ends is removed, and with it whatever rests on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from chalicelib.core import clock
from chalicelib.core.aws import clients as aws_clients
from chalicelib.core.aws import records
from chalicelib.core.aws.dynamo import ConditionFailed, TransactionRefused, absent, present, unchanged
from chalicelib.core.aws.dynamo.conditions import Attr, Key
from chalicelib.core.aws.parallel import in_parallel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chalicelib.core.aws.dynamo import Action, Database, Table
    from chalicelib.core.aws.dynamo import Key as ItemKey
    from chalicelib.oauth.grants.rows import Code, Grant, Pushed

WORKERS = 8


class CodeUsed(Exception):
    """A code was used before. What its first use gave has ended."""


class Grants:
    """Codes, grants, requests that were sent beforehand, and assertions that were used."""

    def __init__(self, database: Database, grants: Table[Any]) -> None:
        self._database = database
        self._grants = grants

    def spend(self, assertion_id: str, seconds: int) -> bool:
        """Remember that an assertion of a client was used. False where it was used before."""
        row = {"id": f"jti#{assertion_id}", "schema": records.SCHEMA, "expires_at": clock.epoch() + seconds}
        try:
            self._grants.put(row, absent() | Attr("expires_at").lte(clock.epoch()))
        except ConditionFailed:
            return False
        return True

    def put_code(self, code: Code) -> None:
        self._grants.put(code, absent())

    def putting_code(self, code: Code) -> Action:
        """The action that stores a code, for a transaction with other actions."""
        return self._grants.putting(code, absent())

    def put_pushed(self, pushed: Pushed) -> None:
        self._grants.put(pushed, absent())

    def take_pushed(self, pushed_id: str) -> bool:
        """Remove a request that was sent beforehand, which is used now. False where another request has used it."""
        return self._grants.delete({"id": pushed_id}) is not None

    def find(self, grant_id: str) -> Grant | None:
        """A grant, or None where it has ended."""
        return cast("Grant | None", self._grants.get({"id": grant_id}))

    def table_and_key(self, row_id: str) -> tuple[Table[Any], ItemKey]:
        """The table and the key of a row, to read it in one batch with others."""
        return self._grants, {"id": row_id}

    def redeem(self, code: Code, grant: Grant) -> None:
        """Store the grant that an unused code gives: one transaction. Raises CodeUsed where another request has used
        the code since it was read, and ends what that one got."""
        using = self._grants.updating(
            {"id": code["id"]},
            set={"grant_id": grant["id"]},
            condition=present() & Attr("grant_id").not_exists(),
        )
        try:
            self._database.transact({"code": using, "grant": self._grants.putting(grant, absent())})
        except TransactionRefused as refused:
            used = refused.failed.get("code") or {}
            if "grant_id" in used:
                self.end(used["grant_id"])
            raise CodeUsed from refused

    def replace(self, grant: Grant, next_version: Grant) -> None:
        """Replace a grant by its next version. Raises ConditionFailed, with the stored row, if another request has
        changed it."""
        self._grants.put(next_version, unchanged(grant))

    def end(self, grant_id: str) -> None:
        self._grants.delete({"id": grant_id})

    def of_session(self, session_id: str) -> Iterator[Grant]:
        """Every grant that was made in a session. The index is about a second behind the table."""
        key = Key("session_id").eq(session_id)
        return (cast("Grant", row) for row in self._grants.query_all(key, index="session-index"))

    def of_person(self, user_id: str) -> Iterator[Grant]:
        """Every grant that a person made, oldest first. The index is about a second behind the table."""
        key = Key("user_id").eq(user_id)
        return (cast("Grant", row) for row in self._grants.query_all(key, index="user-index"))

    def end_all(self, grants: Iterable[Grant]) -> int:
        """End these grants, and return how many there were."""
        named = [grant["id"] for grant in grants]
        in_parallel(self.end, named, WORKERS)
        return len(named)


@aws_clients.once
def grants() -> Grants:
    """The stage's grants."""
    return Grants(aws_clients.database(), aws_clients.table("grants"))
