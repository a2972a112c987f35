"""What the function of a route answers with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import BaseModel

    from chalicelib.core.errors import RollcallError

JSON = "application/json"


@dataclass
class Reply:
    """An answer with more to say than its body. `version` becomes the `ETag`."""

    body: Any = None
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    version: int | str | None = None
    media_type: str = JSON
    cookies: list[str] = field(default_factory=list)
    """Values of `Set-Cookie`."""


@dataclass(frozen=True)
class ErrorFormat:
    """How a route tells its errors where a standard of its own says so; all others send problem documents."""

    model: type[BaseModel]
    reply: Callable[[RollcallError], Reply]


def listing(items: Sequence[Any], next_cursor: str | None) -> dict[str, Any]:
    """The shape of every list: its items, and the cursor of the next page or None."""
    return {"items": list(items), "next": next_cursor}
