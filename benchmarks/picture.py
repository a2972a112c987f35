"""The picture of a section: one bar a line, as long as its ratio, beside a mark where its promise is."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.measuring import Measured

BLOCKS = " ▏▎▍▌▋▊▉█"
LABELS, BARS, LINE, TOP = 330, 420, 24, 44
"""Pixels: the columns of texts and of bars, and the heights of a line and of the title."""


def bar(measured: Measured, longest: float, width: int = 24) -> str:
    """A bar of text, an eighth of a character exact."""
    eighths = round(min(measured.ratio / longest, 1) * width * 8)
    return BLOCKS[8] * (eighths // 8) + BLOCKS[eighths % 8].strip()


def svg(title: str, lines: Sequence[Measured]) -> str:
    """The bars as an SVG that reads on light and on dark."""
    longest = max(bound for each in lines for bound in (each.ratio, each.at_most or 0, each.at_least or 0))
    height = TOP + LINE * len(lines) + 12
    width = LABELS + BARS + 90
    drawn = [_line(each, number, longest) for number, each in enumerate(lines)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">',
            "<style>text{fill:#555;font-size:13px}@media(prefers-color-scheme:dark){text{fill:#bbb}}</style>",
            f'<text x="8" y="22" font-weight="bold">{escape(title)}</text>',
            *drawn,
            "</svg>\n",
        ]
    )


def _line(each: Measured, number: int, longest: float) -> str:
    top = TOP + number * LINE
    length = each.ratio / longest * BARS
    mark = ""
    for bound in (each.at_most, each.at_least):
        if bound is not None:
            at = LABELS + bound / longest * BARS
            mark += f'<path d="M{at:.1f} {top - 2}v{LINE - 2}" stroke="#c60" stroke-width="2"/>'
    fill = "#2a7" if each.held else "#c33"
    return (
        f'<text x="{LABELS - 10}" y="{top + 14}" text-anchor="end">{escape(each.what)}</text>'
        f'<rect x="{LABELS}" y="{top + 2}" width="{length:.1f}" height="{LINE - 8}" fill="{fill}"/>{mark}'
        f'<text x="{LABELS + length + 8:.1f}" y="{top + 14}">{each.ratio:.2f}</text>'
    )
