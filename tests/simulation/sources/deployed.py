"""The app's event source mappings as they are deployed: from `app.py`'s decorators and the production template."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

import app
from chalicelib.core.names import Names
from infra.arns import logical
from infra.functions import FUNCTIONS, Function
from infra.stage import Stage
from infra.template import merge

PRODUCTION = Stage("prod", {"KINESIS_ITEMS": "on"})
BY_NAME = {function.name: function for function in FUNCTIONS}
_BATCHES = {source.name: source.batch_size for source in app.app.event_sources if hasattr(source, "batch_size")}


@cache
def _resources() -> dict[str, Any]:
    resources: dict[str, Any] = merge(PRODUCTION)["Resources"]
    return resources


def queue_settings(queue: str) -> dict[str, Any]:
    """What `Queue` is made with, for the stage's queue of that short name."""
    name = Names(PRODUCTION.name).of(queue)
    described = (part["Properties"] for part in _resources().values() if part.get("Type") == "AWS::SQS::Queue")
    (properties,) = (part for part in described if part["QueueName"] == name)
    return {
        "visibility": timedelta(seconds=properties.get("VisibilityTimeout", 30)),
        "retention": timedelta(seconds=properties["MessageRetentionPeriod"]),
        "max_receives": properties.get("RedrivePolicy", {}).get("maxReceiveCount", 0),
    }


def queue_mapping_settings(function: Function) -> dict[str, Any]:
    """What `QueueMapping` is made with."""
    return {"batch_size": _BATCHES[function.name], "report_failures": _reports(_mapping(function))}


def stream_mapping_settings(function: Function) -> dict[str, Any]:
    """What `StreamMapping` is made with; an on-failure destination must be `streams-dlq`."""
    mapping = _mapping(function)
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["StreamsDlq", "Arn"]}
    age, retries = mapping.get("MaximumRecordAgeInSeconds", -1), mapping.get("MaximumRetryAttempts", -1)
    return {
        "batch_size": _BATCHES[function.name],
        "bisect": mapping.get("BisectBatchOnFunctionError", False),
        "retries": None if retries == -1 else retries,
        "max_age": None if age == -1 else timedelta(seconds=age),
        "parallelism": mapping.get("ParallelizationFactor", 1),
        "report_failures": _reports(mapping),
    }


def retries_of(function: Function) -> int:
    """How often an asynchronous invocation is repeated; its on-failure destination must be `invocations-dlq`."""
    config = _resources()[logical(function.name)]["Properties"]["EventInvokeConfig"]
    assert config["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["InvocationsDlq", "Arn"]}
    return int(config["MaximumRetryAttempts"])


def _mapping(function: Function) -> dict[str, Any]:
    (event,) = _resources()[logical(function.name)]["Properties"]["Events"].values()
    properties: dict[str, Any] = event["Properties"]
    return properties


def _reports(mapping: dict[str, Any]) -> bool:
    return "ReportBatchItemFailures" in mapping.get("FunctionResponseTypes", [])
