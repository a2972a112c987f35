"""What `make bench` prints and keeps: a table and a picture of each section, and what became worse.

Pictures are in `build/bench/` too. Ratios are compared with those of `benchmarks/baseline.json`, which `python -m
benchmarks --store` writes, with the tables and pictures of docs/performance.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from benchmarks import picture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from benchmarks.measuring import Measured

ROOT = Path(__file__).parents[1]
STORED = ROOT / "benchmarks" / "baseline.json"
PAGE = ROOT / "docs" / "performance.md"
WORSE = 1.15
"""Times the stored ratio: more is warned of. Ratios of one machine differ by a tenth from run to run."""

WIDTH = 120
"""Characters of a line, whatever the terminal's."""

PAGE_BAR = 16
"""Characters of the longest bar in the page."""

Ratios = dict[str, dict[str, float]]
"""Of each section by its name, the ratio of each line."""


@dataclass(frozen=True)
class Section:
    """A part of the report: what it answers, and what measures it."""

    name: str
    title: str
    baseline: str
    """What the ratio is to."""
    measure: Callable[[], Iterable[Measured]]


class Report:
    """The sections of one run."""

    def __init__(self, folder: Path, stored: Ratios) -> None:
        self._console = Console(highlight=False, width=WIDTH)
        self._folder = folder
        self._stored = stored
        self.tables: dict[str, str] = {}
        """Of each section by its name, for the page."""
        self.ratios: Ratios = {}
        self.warnings: list[str] = []

    def add(self, section: Section) -> None:
        """Measure a section, print it, and write its picture."""
        lines = list(section.measure())
        if not lines:
            return
        self.ratios[section.name] = {each.what: each.ratio for each in lines}
        self._print(section, lines)
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / f"{section.name}.svg").write_text(picture.svg(section.title, lines), "utf-8")
        self.tables[section.name] = _markdown(section, lines)
        self.warnings += [f"{section.name}: {warning}" for warning in _warnings(lines, self._stored, section.name)]

    def _print(self, section: Section, lines: Sequence[Measured]) -> None:
        longest = max(each.ratio for each in lines)
        table = Table(title=f"\n{section.title}", title_justify="left", box=None, pad_edge=False)
        table.add_column("", no_wrap=True, min_width=36)
        for heading in ("measured", section.baseline, "ratio", "held to"):
            table.add_column(heading, justify="right", no_wrap=True)
        table.add_column("", no_wrap=True)
        for each in lines:
            table.add_row(
                each.what,
                _figure(each.value, each.unit),
                _figure(each.baseline, each.unit),
                f"{each.ratio:.2f}",
                _kept(each),
                picture.bar(each, longest),
            )
        self._console.print(table)


def _warnings(lines: Iterable[Measured], stored: Ratios, name: str) -> Iterable[str]:
    before = stored.get(name, {})
    for each in lines:
        if not each.held:
            yield f"{each.what} is {each.ratio:.2f}, and held to {each.promise}"
        was = before.get(each.what)
        if was is None:
            continue
        worse = was / each.ratio if each.at_least is not None else each.ratio / was
        if worse > WORSE:
            yield f"{each.what} is {(worse - 1) * 100:.0f} % worse than the stored {was:.2f}"


def _markdown(section: Section, lines: Sequence[Measured]) -> str:
    longest = max(each.ratio for each in lines)
    rows = "\n".join(
        f"| {each.what} | {_figure(each.value, each.unit)} | {_figure(each.baseline, each.unit)} | {each.ratio:.2f} "
        f"| {_kept(each)} | {picture.bar(each, longest, PAGE_BAR)} |"
        for each in lines
    )
    head = f"| | measured | {section.baseline} | ratio | held to | |\n| --- | ---: | ---: | ---: | ---: | :--- |"
    return f"{head}\n{rows}\n"


def _kept(each: Measured) -> str:
    return f"{each.promise} {'✓' if each.held else '✗'}" if each.promise else ""


def _figure(value: float, unit: str) -> str:
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2
    return f"{value:,.{digits}f} {unit}"


def stored() -> Ratios:
    """The ratios that were stored; none where there are none."""
    if not STORED.exists():
        return {}
    found: Ratios = json.loads(STORED.read_text("utf-8"))
    return found


def store(report: Report) -> None:
    """Keep the ratios of a report as what later ones are compared with, and its tables in the page. Sections that were
    not measured stay."""
    STORED.write_text(json.dumps({**stored(), **report.ratios}, indent=2, sort_keys=True) + "\n", "utf-8")
    page = PAGE.read_text("utf-8")
    for name, table in report.tables.items():
        page = between_marks(page, name, table)
    PAGE.write_text(page, "utf-8")


def between_marks(page: str, name: str, table: str) -> str:
    """The page with that table between the marks of a section. Raises ValueError where it has no such marks."""
    begins, ends = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, found, rest = page.partition(begins)
    _, also_found, after = rest.partition(ends)
    if not (found and also_found):
        raise ValueError(f"the page has no marks of the section {name}")
    return f"{before}{begins}\n{table}\n{ends}{after}"
