"""Which of the locales that there are suits somebody: the lookup of RFC 4647, for mails and for pages.

A locale is named by a language tag, in whatever letters, with hyphens or underscores.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

COMPLETE = "en"
"""The locale that has every text."""

MOST = 20
"""The most languages that are looked for: whoever asks writes them."""
LONGEST = 100
"""The most characters of one that is looked for. RFC 5646, section 4.4.1, asks for 35 at least."""

_WEIGHT = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)
"""RFC 9110, section 12.4.2."""


def best(wanted: Iterable[str], available: Iterable[str]) -> str:
    """The best of the `available` locales, as it is written there: for the first of those `wanted` that any suits, then
    for `DEFAULT_LOCALE`, then `COMPLETE`. `wanted` may be any texts: only what is available is chosen."""
    spellings = {normal(locale): locale for locale in sorted(available)}
    tags = (tag for choice in (*wanted, settings().default_locale) for tag in lookup(choice))
    return next((spellings[tag] for tag in tags if tag in spellings), COMPLETE)


def lookup(tag: str) -> Iterator[str]:
    """A language tag in its normal form, then shorter and shorter ones, as RFC 4647, section 3.4, looks them up: a
    subtag of one letter is removed together with the one after it."""
    subtags = normal(tag[:LONGEST]).split("-")
    while subtags:
        yield "-".join(subtags)
        subtags.pop()
        if subtags and len(subtags[-1]) == 1:
            subtags.pop()


def normal(tag: str) -> str:
    """A language tag in small letters, with hyphens."""
    return tag.lower().replace("_", "-")


def accepted(header: str) -> list[str]:
    """The languages of an `Accept-Language`, the most wanted first (RFC 9110, section 12.5.4). Those that are not
    wanted, and whatever is none, are left out."""
    ranges = []
    for part in header.split(",")[:MOST]:
        tag, _, weight = (each.strip() for each in part.partition(";"))
        weighed = _WEIGHT.fullmatch(weight) if weight else None
        quality = float(weighed[1]) if weighed else float(not weight)
        if tag and tag != "*" and quality > 0:
            ranges.append((quality, tag))
    return [tag for _, tag in sorted(ranges, key=lambda each: -each[0])]
