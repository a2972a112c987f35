"""What the report says of a run: promises kept, and what became worse than the stored ratios."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.dom.minidom import parseString

import pytest

from benchmarks import picture
from benchmarks.measuring import Measured, medians
from benchmarks.report import PAGE, Report, Section, between_marks, stored
from benchmarks.sections import SECTIONS

if TYPE_CHECKING:
    from pathlib import Path


def reported(folder: Path, *lines: Measured, **stored: float) -> Report:
    report = Report(folder, {"section": stored})
    report.add(Section("section", "A title", "what else", lambda: lines))
    return report


def test_a_broken_promise_is_warned_of(tmp_path):
    report = reported(tmp_path, Measured("slow", 3, 1, "ms", at_most=2), Measured("fast", 3, 1, "ms", at_most=3))
    assert report.warnings == ["section: slow is 3.00, and held to ≤ 2"]
    report = reported(
        tmp_path, Measured("few", 3, 1, "rows", at_least=8), Measured("many", 8, 1, "rows", at_least=8)
    )
    assert report.warnings == ["section: few is 3.00, and held to ≥ 8"]


def test_what_became_worse_by_more_than_a_seventh_is_warned_of(tmp_path):
    lines = Measured("slower", 1.2, 1, "ms"), Measured("like before", 1.1, 1, "ms"), Measured("new", 9, 1, "ms")
    report = reported(tmp_path, *lines, slower=1.0, **{"like before": 1.0})
    assert report.warnings == ["section: slower is 20 % worse than the stored 1.00"]


def test_less_is_worse_where_more_is_asked_for(tmp_path):
    report = reported(tmp_path, Measured("rows", 9, 1, "rows", at_least=8), rows=12.0)
    assert report.warnings == ["section: rows is 33 % worse than the stored 12.00"]


def test_the_table_and_the_picture_are_kept(tmp_path, capsys):
    report = reported(tmp_path, Measured("a <line>", 1234.5, 1000, "ms", at_most=2))
    assert report.ratios == {"section": {"a <line>": 1.2345}}
    assert f"| a <line> | 1,234 ms | 1,000 ms | 1.23 | ≤ 2 ✓ | {'█' * 16} |" in report.tables["section"]
    drawn = parseString((tmp_path / "section.svg").read_text("utf-8"))
    texts = [each.firstChild.data for each in drawn.getElementsByTagName("text")]
    assert texts == ["A title", "a <line>", "1.23"]
    assert "A title" in capsys.readouterr().out


def test_a_table_takes_the_place_of_the_one_before():
    page = "# Page\n\n<!-- edge -->\n\nold\n\n<!-- /edge -->\n\nmore\n"
    assert between_marks(page, "edge", "new\n") == page.replace("old", "new")
    with pytest.raises(ValueError, match="no marks of the section cold"):
        between_marks(page, "cold", "new\n")


def test_the_page_shows_what_is_stored():
    page, ratios = PAGE.read_text("utf-8"), stored()
    assert set(ratios) == {*(section.name for section in SECTIONS), "peers"}
    for name, lines in ratios.items():
        between_marks(page, name, "")
        for what, ratio in lines.items():
            shown = [line for line in page.split("\n") if line.startswith(f"| {what} |")]
            assert any(f"| {ratio:.2f} |" in line for line in shown), (name, what)


def test_a_section_without_lines_says_nothing(tmp_path, capsys):
    assert reported(tmp_path).ratios == {}
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("ratio", "drawn"), [(4, "█" * 8), (2, "█" * 4), (0.25, "▌"), (0, "")])
def test_a_bar_is_as_long_as_its_ratio(ratio, drawn):
    assert picture.bar(Measured("x", ratio, 1, "ms"), longest=4, width=8) == drawn


def test_medians_are_of_interleaved_rounds():
    asked: list[str] = []
    times = {"a": iter([1.0, 9.0, 2.0]), "b": iter([5.0, 4.0, 6.0])}

    def run(name: str) -> float:
        asked.append(name)
        return next(times[name])

    found = medians({"a": lambda: run("a"), "b": lambda: run("b")}, rounds=3, seconds=60)
    assert found == {"a": 2.0, "b": 5.0}
    assert asked == ["a", "b"] * 3


def test_sections_have_names_of_their_own():
    assert len({section.name for section in SECTIONS}) == len(SECTIONS)
