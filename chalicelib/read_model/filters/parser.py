"""Reads a filter's text. `docs/searching.md` has the grammar.

Each method of the parser reads one rule of it, and what binds closer is read by the rule below.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast

from chalicelib.core.errors import FieldError, Invalid
from chalicelib.read_model.filters import values
from chalicelib.read_model.filters.fields import Field, Kind, fields_for
from chalicelib.read_model.filters.limits import DEPTH, LENGTH, LISTED, MEMBERS, PARTS
from chalicelib.read_model.filters.texts import has_letters
from chalicelib.read_model.filters.times import Relative
from chalicelib.read_model.filters.tokens import Scanner, refuse
from chalicelib.read_model.filters.tree import And, Comparison, Not, Or, Text, comparisons, scalars
from chalicelib.read_model.projection import clean, folded

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from chalicelib.read_model.filters.tree import Node, Operator, Value
    from chalicelib.read_model.filters.values import Written

_HAVING = {Kind.FOLDED, Kind.TEXT, Kind.JSON}
"""Kinds whose values can contain a text: of others, `:` is `=`."""


@dataclass(frozen=True)
class Filter:
    """Which people are meant."""

    root: Node

    @cached_property
    def text(self) -> str:
        """The filter in the one form in which it is stored; it is read as the same filter."""
        return str(self.root)

    @cached_property
    def is_timed(self) -> bool:
        """Whether time alone can change whom it means."""
        return any(isinstance(value, Relative) for each in comparisons(self.root) for value in scalars(each))

    @property
    def is_everyone(self) -> bool:
        """Whether it is empty, so that all are meant."""
        return self.root == And(())

    @cached_property
    def fields(self) -> frozenset[str]:
        """The names of the fields that it compares. Texts read name, email and attributes."""
        return frozenset(each.field.name for each in comparisons(self.root))

    @cached_property
    def is_for_administrators(self) -> bool:
        """Whether only who sees everything may ask it."""
        return any(each.field.for_administrators for each in comparisons(self.root))

    @cached_property
    def segments(self) -> frozenset[str]:
        """The ids of the segments whose members it asks for; an empty text stands for any segment."""
        named = (each for each in comparisons(self.root) if each.field.name == "segment")
        return frozenset(str(value or "") for each in named for value in each.values)


def parse(text: str, *, roles: Collection[str]) -> Filter:
    """The filter of a text, as somebody with these roles may ask it: what they may not see is no field for them.

    Raises Invalid, whose field is `q`, with what is wrong and at which character, and for a filter above the limits.
    """
    if len(text) > LENGTH:
        raise Invalid([FieldError(field="q", message=f"a filter has at most {LENGTH} characters", limit=LENGTH)])
    return Filter(_Parser(clean(text), fields_for(roles)).whole())


class _Parser:
    def __init__(self, text: str, fields: dict[str, Field]) -> None:
        self._scanner = Scanner(text)
        self._fields = fields
        self._depth = self._parts = self._listed = 0

    def whole(self) -> Node:
        if not self._scanner.text[self._scanner.at :]:
            return And(())
        node = self._any()
        if self._scanner.ends() and self._scanner.takes(")"):
            refuse("there is no ( for this )", self._scanner.at - 1)
        return node

    def _any(self) -> Node:
        parts = [self._all()]
        while self._scanner.takes_keyword("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self) -> Node:
        """Parts that must all hold, with `and` between them or nothing."""
        parts = [self._one()]
        while not self._scanner.ends("or"):
            self._scanner.takes_keyword("and")
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self) -> Node:
        start = self._scanner.at
        if self._scanner.takes_keyword("not"):
            self._deeper(start)
            part = self._one()
            self._depth -= 1
            return Not(part)
        if self._scanner.takes("("):
            self._deeper(start)
            self._scanner.skip()
            part = self._any()
            if not self._scanner.takes(")"):
                refuse("this ( is not closed", start)
            self._scanner.skip()
            self._depth -= 1
            return part
        return self._part(start)

    def _part(self, start: int) -> Node:
        self._parts += 1
        if self._parts > PARTS:
            refuse(f"a filter has at most {PARTS} texts and comparisons", start)
        text = self._scanner.quoted()
        node = self._text(text, start) if text is not None else self._word(start)
        self._scanner.skip()
        return node

    def _word(self, start: int) -> Node:
        word = self._scanner.word()
        if not word or word.lower() in {"and", "or", "not"}:
            refuse("a text or a comparison is missing here", start)
        name, *path = self._path(word)
        if self._scanner.takes_list():
            field = self._field(name, path, start)
            return Comparison(field, tuple(path), "=", self._list(field))
        sign = self._scanner.operator()
        if not sign:
            return self._text(self._scanner.text[start : self._scanner.at], start)
        field = self._field(name, path, start)
        value = self._value(field, sign)
        comparison = Comparison(field, tuple(path), _operator(sign, field, value), (value,))
        return Not(comparison) if sign == "!=" else comparison

    def _path(self, word: str) -> list[str]:
        """The name of a field, and the members of its path, of which those in quotes are still to be read."""
        if word in self._fields:
            return [word]
        name, dot, beyond = word.partition(".")
        if not dot or name not in self._fields:
            return [word]
        path = [name, *beyond.split(".")]
        while path[-1] == "" and (member := self._scanner.quoted()) is not None:
            path[-1] = member
            path += self._scanner.members().split(".")[1:]
        return path

    def _field(self, name: str, path: list[str], start: int) -> Field:
        field = self._fields.get(name)
        if field is None:
            refuse(
                f"there is no field {name[:50]}: the fields are {', '.join(self._fields)}. To search for it as a text, "
                "put it in quotes",
                start,
            )
        if field.kind is not Kind.JSON and path:
            refuse(f"{name} has no members", start)
        if field.kind is Kind.JSON and not (0 < len(path) <= MEMBERS and all(path)):
            refuse(f"name a member of it, like {name}.plan, at most {MEMBERS} deep", start)
        return field

    def _value(self, field: Field, sign: str) -> Value:
        start = self._scanner.at
        low = self._written()
        if sign[0] not in "<>" and self._scanner.takes(".."):
            high = self._written()
            return self._read(start, lambda: values.span(field, low, high))
        if low is None:
            refuse("a value is missing here", start)
        value = self._read(start, lambda: values.scalar(field, low, ordered=sign[0] in "<>"))
        if sign in ":~" and value == "":
            refuse("a text is missing here", start)
        return value

    def _list(self, field: Field) -> tuple[Value, ...]:
        listed: list[Value] = []
        while True:
            self._scanner.blank()
            listed.append(self._value(field, "="))
            self._listed += 1
            if self._listed > LISTED:
                refuse(f"the lists of a filter have at most {LISTED} values", self._scanner.at)
            self._scanner.blank()
            if self._scanner.takes(")"):
                return tuple(listed)
            if not self._scanner.takes(","):
                refuse("a , or a ) is missing in the list", self._scanner.at)

    def _written(self) -> Written | None:
        quoted = self._scanner.quoted()
        if quoted is not None:
            return quoted, True
        bare = self._scanner.value()
        return (bare, False) if bare else None

    def _text(self, text: str, start: int) -> Text:
        plain = folded(text)
        if not has_letters(plain):
            refuse("a text to search for has at least one letter or digit", start)
        return Text(plain)

    def _deeper(self, start: int) -> None:
        self._depth += 1
        if self._depth > DEPTH:
            refuse(f"( and not are at most {DEPTH} deep", start)

    def _read(self, start: int, read: Callable[[], Value]) -> Value:
        try:
            return read()
        except ValueError as error:
            refuse(str(error), start)


def _operator(sign: str, field: Field, value: Value) -> Operator:
    """The operator of a comparison that is written with this sign."""
    if sign in ("<", "<=", ">", ">="):
        return cast("Operator", sign)
    return ":" if sign in ":~" and field.kind in _HAVING and isinstance(value, str) else "="
