"""What a stage is set to, as its own functions see it."""

from __future__ import annotations

import sys
from dataclasses import fields
from typing import Any

from chalicelib.core.settings import Settings, admin_second_factor, settings
from chalicelib.core.wiring import KINESIS_ITEMS
from chalicelib.operations.stage_map import described_settings

_OF_IMPORT = {
    "KINESIS_ITEMS": KINESIS_ITEMS,
    "RUNTIME": f"python{sys.version_info.major}.{sys.version_info.minor}",
}
"""What is no field of the settings, because it is known before they are read."""

MADE_BY_DEPLOYMENT = "deployment"


def list_settings() -> list[dict[str, Any]]:
    """Every setting: `name`, `value`, `default`, `is_secret`, `is_set`, `set_in`, `purpose`.

    A secret one has no value and no default, and `is_set` alone. One that no function is handed (`set_in` is `unseen`)
    has no value: it went into the template.
    """
    values = {field.name.upper(): getattr(settings(), field.name) for field in fields(Settings)} | _OF_IMPORT
    defaults: dict[str, object] = {field.name.upper(): field.default for field in fields(Settings)}
    defaults |= {"ADMIN_SECOND_FACTOR": admin_second_factor(settings().stage, {}), "KINESIS_ITEMS": False}
    return [
        _listed(name, described, values.get(name), defaults.get(name))
        for name, described in described_settings().items()
    ]


def _listed(name: str, described: dict[str, Any], value: object, default: object) -> dict[str, Any]:
    is_set = described["seen"] and value != (described["default"] if name == "RUNTIME" else default)
    return {
        "name": name,
        "value": None if described["secret"] else _text(value),
        "default": None if described["secret"] else described["default"],
        "is_secret": described["secret"],
        "is_set": is_set,
        "set_in": _set_in(described, is_set=is_set),
        "purpose": described["purpose"],
    }


def _set_in(described: dict[str, Any], *, is_set: bool) -> str:
    if not described["seen"]:
        return "unseen"
    if described["set_in"] == MADE_BY_DEPLOYMENT:
        return MADE_BY_DEPLOYMENT
    return "stages" if is_set else "default"


def _text(value: object) -> str | None:
    """A value as the stage's object has it; None for none."""
    if value is None or value in ("", ()):
        return None
    if isinstance(value, bool):
        return "on" if value else "off"
    return ",".join(value) if isinstance(value, tuple) else str(value)
