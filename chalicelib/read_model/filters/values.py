"""Reads the values of a comparison as its field has them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.core import clock
from chalicelib.read_model.filters.fields import ORDERED, Kind
from chalicelib.read_model.filters.times import relative
from chalicelib.read_model.filters.tree import Span
from chalicelib.read_model.projection import folded

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.read_model.filters.fields import Field
    from chalicelib.read_model.filters.tree import Scalar, Value

_WHOLE = re.compile(r"-?\d{1,18}")
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,39})(\.\d{1,40})?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_JSON_WORDS = {"true": True, "false": False}

Written = tuple[str, bool]
"""A value as the filter has it, and whether in quotes."""


def scalar(field: Field, value: Written, *, ordered: bool = False) -> Scalar:
    """One value. `ordered`: what it is compared with lies before or after it. Raises ValueError with the reason why it
    is none of this field."""
    text, in_quotes = value
    if text.lower() == "null" and not in_quotes:
        if ordered:
            raise ValueError("null is neither before nor after a value: compare it by = or !=")
        return None
    if ordered and field.kind not in ORDERED | {Kind.JSON}:
        raise ValueError(f"{field.name} has no order: compare it by =, != or in")
    if field.kind is Kind.JSON:
        return _of_json(text, in_quotes, ordered)
    return _READERS[field.kind](field, text)


def span(field: Field, low: Written | None, high: Written | None) -> Value:
    """The span between two values, of which one may be absent. Raises ValueError with the reason why it is none."""
    if low is None and high is None:
        raise ValueError("a range needs a value before or after ..")
    low_end, high_end = (None if end is None else scalar(field, end, ordered=True) for end in (low, high))
    if field.kind is Kind.JSON and None not in (low_end, high_end) and _sort(low_end) != _sort(high_end):
        raise ValueError("a range is from number to number or from text to text")
    return Span(low_end, high_end)


def _sort(value: Scalar) -> bool:
    return isinstance(value, Decimal)


def _of_json(text: str, in_quotes: bool, ordered: bool) -> Scalar:
    """Without quotes, what JSON has without quotes is that. A relative time is meant where a time can be: elsewhere
    `-7d` is a text."""
    if in_quotes:
        return text
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    if text in _JSON_WORDS:
        if ordered:
            raise ValueError("true and false have no order: compare them by =, != or in")
        return _JSON_WORDS[text]
    return (relative(text) if ordered else None) or text


def _of_folded(_: Field, text: str) -> str:
    return folded(text)


def _of_text(field: Field, text: str) -> str:
    return text.lower() if field.name == "email_domain" else text


def _of_choice(field: Field, text: str) -> str:
    if text not in field.choices:
        raise ValueError(f"{field.name} is one of {', '.join(field.choices)}")
    return text


def _of_number(field: Field, text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"{field.name} is a whole number")
    return int(text)


def _of_truth(field: Field, text: str) -> bool:
    if text.lower() not in _JSON_WORDS:
        raise ValueError(f"{field.name} is true or false")
    return _JSON_WORDS[text.lower()]


def _of_time(field: Field, text: str) -> Scalar:
    if (found := relative(text)) is not None:
        return found
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
        if field.kind is Kind.TIME:
            return clock.parse(text)
    except ValueError:
        pass
    wanted = " or RFC 3339 time" if field.kind is Kind.TIME else ""
    raise ValueError(
        f"{field.name} is compared with a date{wanted} like 2026-01-31, or a relative time like -7d, -12h, -3mo, now"
    )


def _of_word(_: Field, text: str) -> str:
    return text


_READERS: dict[Kind, Callable[[Field, str], Scalar]] = {
    Kind.FOLDED: _of_folded,
    Kind.TEXT: _of_text,
    Kind.CHOICE: _of_choice,
    Kind.NUMBER: _of_number,
    Kind.TRUTH: _of_truth,
    Kind.DATE: _of_time,
    Kind.TIME: _of_time,
    Kind.LIST: _of_word,
    Kind.LINK: _of_word,
}
