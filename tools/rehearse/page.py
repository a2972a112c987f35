"""The evidence as one HTML page that loads nothing: no script, no font, no request."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2

TEMPLATE = Path(__file__).with_name("page.html")

MARKS = {"passed": "✓", "failed": "✗", "skipped": "–"}


def page(document: dict[str, Any]) -> str:
    """The evidence (`evidence.SCHEMA`) as HTML."""
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"duration": duration, "figure": figure, "moment": moment, "words": words}
    template = environment.from_string(TEMPLATE.read_text("utf-8"))
    return template.render(evidence=document, marks=MARKS)


def duration(seconds: float) -> str:
    """Seconds as people write them: `0.4 s`, `12 s`, `3 min 5 s`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def figure(value: Any) -> str:
    """A value of the evidence as text: numbers with separated thousands, lists with commas, the rest as JSON."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int):
        return f"{value:,}".replace(",", "\u202f")
    if value is None or value in ("", [], {}):
        return "none"
    if isinstance(value, str | float):
        return str(value)
    if isinstance(value, dict):
        return ", ".join(f"{words(name)}: {figure(inner)}" for name, inner in value.items())
    if all(isinstance(inner, str | int | float) for inner in value):
        return ", ".join(figure(inner) for inner in value)
    return json.dumps(value, ensure_ascii=False)


def words(name: str) -> str:
    """A name of the evidence as words."""
    return name.replace("_", " ").replace("-", " ")


def moment(timestamp: str) -> str:
    """A timestamp in the form for people, in UTC."""
    return datetime.fromisoformat(timestamp).astimezone(UTC).strftime("%-d %B %Y, %H:%M UTC")
