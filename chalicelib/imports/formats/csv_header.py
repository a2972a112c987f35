"""The header of a CSV file: on which line it is, what separates its cells, and the names of the columns."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, NamedTuple

from chalicelib.imports.formats.rows import HEADER_NOT_UTF_8
from chalicelib.imports.model import FileRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SEPARATORS = ",;\t|"
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
"""A first line by which Excel is told the separator."""
TITLES = 5
"""Lines before the header at most: a title, a date, an empty line."""

NOT_UTF_8 = frozenset(map(chr, range(0xDC80, 0xDD00)))
"""The characters that `surrogateescape` puts in place of bytes that are not UTF-8."""

ALIASES = {
    "e_mail": "email",
    "mail": "email",
    "email_address": "email",
    "e_mail_address": "email",
    "full_name": "name",
    "birthday": "birthdate",
    "birth_date": "birthdate",
    "date_of_birth": "birthdate",
    "language": "locale",
}
"""Other names of our columns of which it is plain what is meant."""


class Header(NamedTuple):
    """A header: its line, from 1, the separator, and the names as they stand there, without empty ones at the end."""

    line: int
    separator: str
    names: list[str]


def decoded(line: bytes) -> str:
    """The line as text. Bytes that are not UTF-8 become lone surrogates, which mark the row that holds them."""
    return line.decode("utf-8", "surrogateescape")


def separator(header: str) -> str:
    """The separator that a header uses most."""
    return max(SEPARATORS, key=header.count)


def column(name: str) -> str:
    """The column of ours that a name in a header means, in any case, with blanks or hyphens; else the name itself,
    folded."""
    folded = re.sub(r"(?<=\w)[\s-]+(?=\w)", "_", name.strip().casefold())
    return ALIASES.get(folded, folded)


def found(lines: Iterator[tuple[int, str]], is_header: Callable[[Sequence[str]], bool]) -> Header | None:
    """The first line that is a header by `is_header`, which gets its names; before it come lines of one cell at most.
    None where there is none. Raises FileRefused for a header that is not UTF-8."""
    named, titles = "", 0
    for number, text in lines:
        if not text.strip():
            continue
        separator_line = SEPARATOR_LINE.fullmatch(text)
        if separator_line and not titles:
            named, titles = separator_line[1], titles + 1
            continue
        names = _names(text, named or separator(text))
        if is_header(names):
            if any(c in NOT_UTF_8 for c in text):
                raise FileRefused(HEADER_NOT_UTF_8)
            return Header(number, named or separator(text), names)
        titles += 1
        if len([name for name in names if name]) > 1 or titles > TITLES:
            return None
    return None


def plausible(names: Sequence[str]) -> bool:
    """Whether a line may be a header: several different names, none of which is a number, an address, the hash of a
    password or garbage."""
    # `systems` imports formats itself, and only lines that nobody knows come here.
    from chalicelib.imports.systems.secret_values import holds_secret

    written = [name for name in names if name]
    return (
        len(written) > 1
        and len(set(written)) == len(written)
        and all(name.isprintable() and any(c.isalpha() for c in name) and "@" not in name for name in written)
        and not any(c in NOT_UTF_8 for name in written for c in name)
        and not any(map(holds_secret, written))
    )


def _names(text: str, separator: str) -> list[str]:
    """The names in a line; none where it is not CSV."""
    try:
        row = next(csv.reader([text], delimiter=separator), [])
    except csv.Error:
        return []
    names = [name.strip().lstrip("\ufeff").strip() for name in row]
    while names and not names[-1]:
        names.pop()
    return names
