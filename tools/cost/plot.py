"""Bars of text, and lines over logarithmic axes as an SVG."""

from __future__ import annotations

from html import escape
from math import log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 420, 70, 44, 160, 40
"""Pixels of the picture, and of what is around its axes."""

COLOURS = ("#c33", "#2a7", "#27c", "#a6c")

BAR = 30
"""Characters of the longest bar."""


def bar(share: float) -> str:
    """A bar as long as a share of 0 to 1."""
    return "█" * round(share * BAR)


def svg(title: str, sizes: Sequence[float], series: Mapping[str, Sequence[float]]) -> str:
    """A line for each of the series; what costs nothing lies on the axis."""
    most = max(max(values) for values in series.values())
    top = int(log10(most)) + 1

    def point(size: float, dollars: float) -> str:
        across = (log10(size) - log10(sizes[0])) / (log10(sizes[-1]) - log10(sizes[0]))
        up = max(0.0, log10(max(dollars, 1.0))) / top
        return f"{LEFT + across * (WIDTH - LEFT - RIGHT):.1f},{HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM):.1f}"

    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">',
        "<style>text{fill:#555;font-size:13px}@media(prefers-color-scheme:dark){text{fill:#bbb}}</style>",
        f'<text x="8" y="22" font-weight="bold">{escape(title)}</text>',
    ]
    for power in range(top + 1):
        x, y = point(sizes[0], 10**power).split(",")
        drawn.append(f'<path d="M{x} {y}H{WIDTH - RIGHT}" stroke="#8884"/>')
        drawn.append(f'<text x="{LEFT - 8}" y="{y}" text-anchor="end">${10**power:,}</text>')
    for size in sizes:
        x, y = point(size, 1).split(",")
        drawn.append(f'<text x="{x}" y="{float(y) + 20:.1f}" text-anchor="middle">{size:,}</text>')
    for colour, (name, values) in zip(COLOURS, series.items(), strict=True):
        points = [point(size, dollars) for size, dollars in zip(sizes, values, strict=True)]
        x, y = points[-1].split(",")
        drawn.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn.append(f'<text x="{float(x) + 8:.1f}" y="{y}">{escape(name)}</text>')
    return "\n".join([*drawn, "</svg>\n"])
