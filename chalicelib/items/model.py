"""A write to a person's own key-value data, and the rules that it must keep.

Of two writes to one key the one with the later `at` wins; of two with the same `at`, the one with the greater
`item_id`. Their order of arrival does not matter. The store's condition holds the same rule.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from chalicelib.core import clock
from chalicelib.core.json_depth import is_deeper

if TYPE_CHECKING:
    from collections.abc import Iterable

VALUE_BYTES = 300 * 1024
"""The most bytes of a value as compact JSON in UTF-8. DynamoDB takes 400 KB a row, with all its other attributes."""

AHEAD = timedelta(minutes=5)
"""How far in the future `at` may lie: as far as clocks differ. A write far ahead would win over every later write."""

DEPTH = 100
"""How deep lists and objects may be nested: a depth that Python's parser can always read again."""

_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)

_NAME = re.compile(r"[A-Za-z0-9_~:@-][A-Za-z0-9._~:@-]{0,254}")
"""Only characters that need no escape in a URL's path."""


_USER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~|+=-]{0,127}")
"""The user ids that accounts make and import."""


def name(text: str) -> str:
    """The id or key unchanged. Raises ValueError where it is not a valid name."""
    if not _NAME.fullmatch(text):
        raise ValueError("must be 1 to 255 letters, digits and . _ ~ : @ -, not beginning with a dot")
    return text


def _user_id(text: str) -> str:
    if not _USER_ID.fullmatch(text):
        raise ValueError("must be a person's id")
    return text


Name = Annotated[str, AfterValidator(name), Field(json_schema_extra={"pattern": f"^{_NAME.pattern}$"})]
UserId = Annotated[str, AfterValidator(_user_id), Field(json_schema_extra={"pattern": f"^{_USER_ID.pattern}$"})]


def _moment(text: str) -> str:
    try:
        moment = clock.parse(text)
    except (ValueError, OverflowError):
        raise ValueError("must be an RFC 3339 time with an offset") from None
    if moment < _EARLIEST:
        raise ValueError("must be 1970 or later")
    if moment > clock.now() + AHEAD:
        raise ValueError("must not be more than 5 minutes ahead")
    return clock.timestamp(moment)


def storable(value: Any) -> Any:
    """The value unchanged. Raises ValueError where it is not JSON, is nested too deep or is too large."""
    if is_deeper(value, DEPTH):
        raise ValueError(f"must be nested at most {DEPTH} deep")
    if len(as_json(value).encode()) > VALUE_BYTES:
        raise ValueError(f"must have at most {VALUE_BYTES:,} bytes as JSON")
    return value


def as_json(value: Any) -> str:
    """The compact JSON text that is stored. Raises ValueError for a value that JSON in UTF-8 cannot express."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("must hold no half of a surrogate pair") from None
    except ValueError:
        raise ValueError("must be JSON, which has neither NaN nor infinity") from None
    return text


class ItemWrite(BaseModel):
    """One write: at the time `at`, the person's item `item_key` got this value, or was deleted.

    `item_id` is the id of the write. A write that is sent again changes nothing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    user_id: UserId
    item_id: Name
    item_key: Name
    item_value: Annotated[Any, AfterValidator(storable)]
    at: Annotated[str, AfterValidator(_moment), Field(json_schema_extra={"format": "date-time"})]
    """RFC 3339; stored in UTC with milliseconds, so that it sorts as text."""
    deleted: bool = False
    """Whether the write deletes the item; then its value is null."""

    @field_validator("deleted")
    @classmethod
    def _without_value(cls, deleted: bool, fields: ValidationInfo) -> bool:
        if deleted and fields.data.get("item_value") is not None:
            raise ValueError("deletes the item, so item_value must be null")
        return deleted


def winners(writes: Iterable[ItemWrite]) -> list[ItemWrite]:
    """Of the writes to each key, the one that wins, whatever their order."""
    last: dict[tuple[str, str], ItemWrite] = {}
    for write in writes:
        key = (write.user_id, write.item_key)
        if key not in last or (last[key].at, last[key].item_id) < (write.at, write.item_id):
            last[key] = write
    return list(last.values())


def moment_after(stored_at: str | None) -> str:
    """The `at` of a write that is made now and must win over what is stored: now, or 1 ms after what is stored if
    that lies in the future."""
    now = clock.timestamp()
    if stored_at is None or stored_at < now:
        return now
    return clock.timestamp(clock.parse(stored_at) + timedelta(milliseconds=1))


def digest(text: str) -> str:
    """The SHA-256 of a value's stored text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
