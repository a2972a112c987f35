"""What dynalite lacks, made of what it has.

* `TransactWriteItems`: each action is made as a conditional write of its own, in their order, and so held to dynalite's
  validation; what was made is put back where one of them does not hold, and the reasons are told as DynamoDB tells
  them. A check is an update that sets nothing. Two actions on one item, and a token that was seen before, are as in
  DynamoDB. **Not proven by it:** that nobody sees a transaction half-made, and that two at once conflict. Only
  transactions wait for each other here.
* PartiQL's `BatchExecuteStatement` of inserts: each is made as a conditional put.
* `ReturnValuesOnConditionCheckFailure`: the item is read after the condition failed, so it may be a later one.
"""

from __future__ import annotations

import json
from threading import RLock
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from infra.tables import SPECS
from tests import partiql
from tests.replies import Reply, answered, refused

if TYPE_CHECKING:
    from chalicelib.core.names import Names

FAILED = "ConditionalCheckFailedException"
WRITES = {"Put": "put_item", "Update": "update_item", "Delete": "delete_item", "ConditionCheck": "update_item"}
SINGLE = {"PutItem": "put_item", "UpdateItem": "update_item", "DeleteItem": "delete_item"}
_WANTED = "ReturnValuesOnConditionCheckFailure"

Request = dict[str, Any]


class Bridge:
    """Answers in dynalite's place, with what its client gives, to the app's calls that it does not know."""

    def __init__(self, dynamodb: Any, names: Names) -> None:
        self._dynamodb = dynamodb
        self._keys = {names.of(spec.name): [k for k in (spec.partition, spec.sort) if k] for spec in SPECS}
        self._tokens: set[str] = set()
        self._lock = RLock()

    def listen(self, client: Any) -> None:
        """Answer this client's calls. Listening twice is listening once."""
        events = client.meta.events
        events.register("provide-client-params.dynamodb.*", _remember, unique_id="bridge")
        events.register("before-call.dynamodb.TransactWriteItems", self._transact, unique_id="bridge-transact")
        events.register("before-call.dynamodb.BatchExecuteStatement", self._insert, unique_id="bridge-insert")
        for operation in SINGLE:
            events.register(f"before-call.dynamodb.{operation}", self._write, unique_id=f"bridge-{operation}")

    def _write(self, model: Any, context: dict[str, Any], **_: Any) -> Reply | None:
        asked = context["asked"]
        if _WANTED not in asked:
            return None
        try:
            return answered(getattr(self._dynamodb, SINGLE[model.name])(**_plain(asked)))
        except ClientError as error:
            found = self._item(asked) if _code(error) == FAILED else None
            return _refusal(error, **({"Item": found} if found else {}))

    def _insert(self, params: Request, **_: Any) -> Reply:
        def put(one: Request) -> str:
            try:
                self._dynamodb.put_item(**one)
            except ClientError as error:
                return _code(error)
            return ""

        # What is about to be sent, of which a test may have taken statements out.
        statements = json.loads(params["body"])["Statements"]
        return answered(partiql.answer(statements, put, lambda table: self._keys[table][0]))

    def _transact(self, context: dict[str, Any], **_: Any) -> Reply:
        asked = context["asked"]
        actions = [next(iter(action.items())) for action in asked["TransactItems"]]
        token = asked.get("ClientRequestToken")
        places = {str((one["TableName"], self._key(one))) for _, one in actions}
        if len(places) < len(actions):
            return refused("ValidationException")
        with self._lock:
            if token in self._tokens:
                return answered({})
            try:
                reasons = self._made(actions)
            except ClientError as error:
                return _refusal(error)
            if any(reason["Code"] != "None" for reason in reasons):
                status, told = refused("TransactionCanceledException")
                return status, {**told, "CancellationReasons": reasons}
            if token:
                self._tokens.add(token)
        return answered({})

    def _made(self, actions: list[tuple[str, Request]]) -> list[dict[str, Any]]:
        """Make every action, or none: the reason of each. Raises ClientError for what is refused for another reason."""
        undone: list[tuple[Request, Any]] = []
        reasons: list[dict[str, Any]] = []
        try:
            for kind, one in actions:
                before = self._item(one)
                try:
                    getattr(self._dynamodb, WRITES[kind])(**_plain(one))
                except ClientError as error:
                    if _code(error) != FAILED:
                        raise
                    shown = {"Item": before} if before and _WANTED in one else {}
                    reasons.append({"Code": "ConditionalCheckFailed", "Message": "on purpose", **shown})
                else:
                    reasons.append({"Code": "None"})
                    undone.append((one, before))
                    if kind == "ConditionCheck":
                        self._undo(*undone.pop())
        except ClientError:
            self._undo_all(undone)
            raise
        if any(reason["Code"] != "None" for reason in reasons):
            self._undo_all(undone)
        return reasons

    def _undo_all(self, made: list[tuple[Request, Any]]) -> None:
        for one, before in reversed(made):
            self._undo(one, before)

    def _undo(self, one: Request, before: Any) -> None:
        if before is None:
            self._dynamodb.delete_item(TableName=one["TableName"], Key=self._key(one))
        else:
            self._dynamodb.put_item(TableName=one["TableName"], Item=before)

    def _item(self, one: Request) -> Any:
        try:
            answer = self._dynamodb.get_item(TableName=one["TableName"], Key=self._key(one), ConsistentRead=True)
        except ClientError:
            return None
        return answer.get("Item")

    def _key(self, one: Request) -> dict[str, Any]:
        return one.get("Key") or {name: one["Item"][name] for name in self._keys[one["TableName"]]}


def _remember(params: Request, context: dict[str, Any], **_: Any) -> None:
    context["asked"] = params


def _plain(one: Request) -> Request:
    return {name: value for name, value in one.items() if name != _WANTED}


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def _refusal(error: ClientError, **more: Any) -> Reply:
    status, told = refused(_code(error))
    return status, {**told, "Error": error.response["Error"], **more}
