"""What a stage consists of, as `python -m tools.stage_map` has written it down beside this file."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from chalicelib.core.settings import settings
from chalicelib.core.wiring import KINESIS_ITEMS, READ_MODEL

HERE = {"KINESIS_ITEMS": KINESIS_ITEMS, "READ_MODEL": READ_MODEL}
"""Whether this stage has what only these settings bring."""


def nodes() -> list[dict[str, str]]:
    """Every part of this stage, `{id, kind, name}`."""
    return [node for node in _file("topology")["nodes"] if _is_here(node["id"])]


def edges() -> list[dict[str, str]]:
    """Every arrow between parts, `{source, target, kind}`."""
    return [edge for edge in _file("topology")["edges"] if _is_here(edge["source"]) and _is_here(edge["target"])]


def names(kind: str) -> list[str]:
    """The short names of all parts of a kind."""
    return [node["name"] for node in nodes() if node["kind"] == kind]


def aws_name(kind: str, name: str) -> str | None:
    """What a part is called in AWS; None for what is no resource with a name of the stage."""
    if kind in {"http", "schedule", "mail"}:
        return None
    if kind == "bucket":
        return settings().bucket(name)
    return settings().names.api if name == "api_handler" else settings().names.of(name)


def alarms() -> dict[str, str | None]:
    """Every alarm that a stage may have, by its short name, and the id of the part that it is about."""
    return {name: about for name, about in _file("topology")["alarms"].items() if _is_here(about or "")}


def repeated() -> frozenset[str]:
    """The functions that may be invoked again for a dead letter."""
    return frozenset(_file("topology")["repeated"])


def described_settings() -> dict[str, dict[str, Any]]:
    """Every setting: who sets it, its default, whether it is secret, what it is for."""
    return _file("settings")


def _is_here(node: str) -> bool:
    needs = _file("topology")["needs"].get(node)
    return needs is None or HERE[needs]


@cache
def _file(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((Path(__file__).parent / f"{name}.json").read_text("utf-8"))
    return document
