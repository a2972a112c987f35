"""Reads our own pages: the tables under a heading, and the links of a page."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`]+)`")
_HEAD = re.compile(r"\*\*((?:`[^`]*`|[^*`])+)\*\*")
"""The first cell of a row that is written as a point of a list."""


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def pages() -> list[Path]:
    """Every page of the project."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])


def section(text: str, heading: str) -> str:
    """What stands under a heading of the second level. Raises ValueError where there is no such heading."""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))[heading]


def rows(text: str) -> list[list[str]]:
    """The cells of every row of the text's tables, without their heads. What is too long for a table is a list, and
    read alike: `- **first** · second: last`, or `- **first**` with a point `- Head: cell` below it for each other
    cell."""
    found: list[list[str]] = []
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if line.startswith("|") and not _is_head(lines, number):
            found.append([cell.strip() for cell in line.strip("|").split(" |")])
    return found + [cells for item in _items(lines) if (cells := _cells(item))]


def _items(lines: list[str]) -> list[list[str]]:
    """The points of the outermost lists: each with the points below it, and every one in one line."""
    found: list[list[str]] = []
    within = False
    for line in lines:
        if line.startswith("- "):
            found.append([line[2:]])
            within = True
        elif within and line.startswith("  - "):
            found[-1].append(line[4:])
        elif within and line.startswith("  "):
            found[-1][-1] += f" {line.strip()}"
        else:
            within = False
    return found


def _cells(item: list[str]) -> list[str]:
    """The cells of a point that is a row, or nothing."""
    first, *points = item
    head = _HEAD.match(first)
    if points:
        name = head[1] if head and head.end() == len(first) else first
        return [name, *(point.partition(": ")[2] for point in points)] if first.startswith("**") else []
    if not head or not re.match(":| · ", first[head.end() :]):
        return []
    between, _, last = f"{first[head.end() :]} ".partition(": ")
    return [head[1], *between.split(" · ")[1:], last.strip()]


def _is_head(lines: list[str], number: int) -> bool:
    return any(re.fullmatch(r"\|[-|: ]+\|", line) for line in lines[number : number + 2])


def codes(text: str) -> list[str]:
    """Everything in backticks."""
    return _CODE.findall(text)


def links(text: str) -> list[str]:
    """The targets of all links, code blocks left out."""
    return _LINK.findall(re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def anchors(text: str) -> set[str]:
    """What a `#fragment` may name: headings, as GitHub spells them."""
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
