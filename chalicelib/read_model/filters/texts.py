"""How a text is found in another: as a pattern of SQL's LIKE that the trigrams of its index narrow down.

https://www.postgresql.org/docs/15/pgtrgm.html
"""

from __future__ import annotations

import re

_LETTERS = re.compile(r"[^\W_]+")
_SHORTEST = 3
"""Letters or digits side by side that an index of trigrams needs to find them anywhere."""


def has_letters(folded: str) -> bool:
    """Whether there is a letter or a digit in it: nothing else has trigrams."""
    return _LETTERS.search(folded) is not None


def before_last_dot(folded: str) -> str | None:
    """What precedes the last dot, where that alone narrows down: what follows in addresses, as `com`, most texts have,
    so that its trigrams take the longest to go through. None where there is no such text."""
    front = folded.rpartition(".")[0]
    return front if _longest(front) >= _SHORTEST else None


def patterns(folded: str) -> tuple[str, ...]:
    """Patterns of which one must match a text of `projection.search_text`: it is anywhere in it; a shorter text begins
    a word, as its trigrams need. Of scripts that write without spaces, two letters may end a word too."""
    escaped = re.sub(r"([\\%_])", r"\\\1", folded)
    if _longest(folded) >= _SHORTEST:
        return (f"%{escaped}%",)
    if len(folded) == _SHORTEST - 1 and not folded.isascii():
        return (f"% {escaped}%", f"%{escaped} %")
    return (f"% {escaped}%",)


def _longest(folded: str) -> int:
    """Letters or digits side by side."""
    return max(map(len, _LETTERS.findall(folded)), default=0)
