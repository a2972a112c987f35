"""The actions of a transaction.

An import writes two or three items for each of its rows, so a put goes from plain values to the text that is sent: to
make DynamoDB's typed JSON as dictionaries first, and then their text, takes nearly three times as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, overload

from chalicelib.core.aws.calls.json_protocol import WritesItself, encode
from chalicelib.core.aws.dynamo.values import from_item, item_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Action(NamedTuple):
    """One action of a transaction, made by a Table's `putting`, `updating`, `deleting` or `checking`."""

    kind: str
    """`Put`, `Update`, `Delete` or `ConditionCheck`."""
    members: dict[str, Any]
    """The request, without the item of a put."""
    item: Mapping[str, Any] | None = None
    """The item of a put, in plain values."""
    members_json: str = ""
    """`members` as JSON, where it was made before for other actions."""

    @property
    def request(self) -> dict[str, Any]:
        """The action as botocore takes it."""
        item = {} if self.item is None else {"Item": from_item(self.item)}
        return {self.kind: {**self.members, **item}}

    def json(self) -> str:
        """The JSON of `request`."""
        members = self.members_json or encode(self.members)
        item = "" if self.item is None else f',"Item":{item_json(self.item)}'
        return f'{{"{self.kind}":{members[:-1]}{item}}}}}'


class Actions(WritesItself):
    """The actions of a transaction as botocore takes them, made for whoever looks at them."""

    def __init__(self, actions: Sequence[Action]) -> None:
        self._actions = actions

    def __len__(self) -> int:
        return len(self._actions)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(index, slice):
            return [action.request for action in self._actions[index]]
        return self._actions[index].request

    def json(self) -> str:
        return f"[{','.join([action.json() for action in self._actions])}]"
