"""How the API's function starts, where an owner pays for less waiting: from a snapshot, or with processes that are kept
ready. Both are of a published version, so the stage has one then, and API Gateway calls its alias.

https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html
https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from infra.stage import StageError

if TYPE_CHECKING:
    from infra.stage import Stage

SNAP_START = "SNAP_START"
PROVISIONED = "PROVISIONED_CONCURRENCY"
SETTINGS = frozenset({SNAP_START, PROVISIONED})
"""The settings of it, which no function reads."""

ALIAS = "live"

OLDEST_PYTHON = (3, 12)
"""Whose runtime SnapStart takes."""


def of_api(stage: Stage) -> dict[str, Any]:
    """Properties of the API's function. Raises StageError for settings that mean nothing, or that Lambda refuses."""
    from_snapshot, ready = stage.settings.get(SNAP_START) or "off", _ready(stage)
    if from_snapshot not in {"on", "off"}:
        raise StageError(f"stage {stage.name}: {SNAP_START} is {from_snapshot!r}, neither on nor off")
    if stage.emulated:
        return {}
    if from_snapshot == "on":
        if ready:
            raise StageError(f"stage {stage.name}: Lambda takes {SNAP_START} or {PROVISIONED}, not both")
        if tuple(map(int, stage.runtime.python.split("."))) < OLDEST_PYTHON:
            raise StageError(f"stage {stage.name}: {SNAP_START} wants RUNTIME python3.12 or newer")
        return {**_PUBLISHED, "SnapStart": {"ApplyOn": "PublishedVersions"}}
    if ready:
        return {**_PUBLISHED, "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": ready}}
    return {}


_PUBLISHED = {
    "AutoPublishAlias": ALIAS,
    # By default SAM publishes a version when the code has changed; settings are in the version too.
    "AutoPublishAliasAllProperties": True,
}


def at_alias(template: dict[str, Any]) -> dict[str, Any]:
    """The packaged template, whose API calls the alias where its function has one. Chalice writes the function itself
    into each method of the API, which no merged template can change without naming them all."""
    if "AutoPublishAlias" not in template["Resources"]["APIHandler"]["Properties"]:
        return template
    changed = copy.deepcopy(template)
    resources = changed["Resources"]
    api = resources["RestAPI"]["Properties"]
    definition = json.dumps(api["DefinitionBody"])
    api["DefinitionBody"] = json.loads(definition.replace("${APIHandler.Arn}", "${APIHandler.Alias}"))
    resources["APIHandlerInvokePermission"]["Properties"]["FunctionName"] = {"Ref": "APIHandler.Alias"}
    return changed


def _ready(stage: Stage) -> int:
    """How many processes are kept ready."""
    text = stage.settings.get(PROVISIONED) or "0"
    if not text.isdecimal():
        raise StageError(f"stage {stage.name}: {PROVISIONED} is {text!r}, not a whole number")
    return int(text)
