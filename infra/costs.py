"""What a stage costs while nobody uses it: what its template holds, times AWS's list prices.

All else costs by use (`tools.cost`). `docs/deploying.md` tells the same, and a test compares the two.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from infra.functions import FUNCTIONS
from infra.prices import PRICES

FREE_DASHBOARD_METRICS = 50
"""A dashboard that shows more is not one of the free ones: https://aws.amazon.com/cloudwatch/pricing/"""

POLLS = 5 * 3 * 60 * 24 * 30
"""Requests a month on an empty queue: Lambda looks with five long polls of 20 seconds at a time,
https://aws.amazon.com/blogs/compute/understanding-how-aws-lambda-scales-when-subscribed-to-amazon-sqs-queues/"""


API_GB = next(function.memory for function in FUNCTIONS if function.name == "api_handler") / 1024
"""Of the one version whose snapshot is kept, or of one process that is kept ready (`infra.starting`)."""


@dataclass(frozen=True)
class Line:
    """How many of something there are, and what they cost."""

    what: str
    count: float

    @property
    def by_list(self) -> float:
        return PRICES[self.what].of(self.count)

    @property
    def charged(self) -> float:
        """After what is free, in an account where nothing else uses that up."""
        return PRICES[self.what].after_free(self.count)


def idle(resources: dict[str, Any]) -> list[Line]:
    """The lines of a stage's bill, from the resources of `infra.template.merge`."""

    def of(kind: str) -> list[dict[str, Any]]:
        return [resource for resource in resources.values() if resource.get("Type") == kind]

    large = [board for board in of("AWS::CloudWatch::Dashboard") if shown(board) > FREE_DASHBOARD_METRICS]
    polled = [
        source
        for resource in resources.values()
        for source in resource.get("Properties", {}).get("Events", {})
        if source.endswith("SqsEventSource")
    ]
    starting = resources["APIHandler"]["Properties"]
    ready = starting.get("ProvisionedConcurrencyConfig", {}).get("ProvisionedConcurrentExecutions", 0)
    counts = {
        "snapshot GB": API_GB if "SnapStart" in starting else 0,
        "ready GB": API_GB * ready,
        "alarm metrics": sum(map(watched, of("AWS::CloudWatch::Alarm"))),
        "dashboards": len(of("AWS::CloudWatch::Dashboard")) - len(large),
        "large dashboards": len(large),
        "queue requests": POLLS * len(polled),
        "keys": len(of("AWS::KMS::Key")),
        "secrets": len(of("AWS::SecretsManager::Secret")),
        "streams": len(of("AWS::Kinesis::Stream")),
    }
    return [Line(what, count) for what, count in counts.items() if count]


def as_setting(resources: dict[str, Any]) -> str:
    """The same as JSON for the stage itself: how many of each, and US dollars a month after what is free."""
    return json.dumps({line.what: [round(line.count, 2), round(line.charged, 2)] for line in idle(resources)})


def watched(alarm: dict[str, Any]) -> int:
    """The metrics that an alarm looks at: each is paid for."""
    metrics = alarm["Properties"].get("Metrics")
    return 1 if metrics is None else sum("MetricStat" in metric for metric in metrics)


def shown(dashboard: dict[str, Any]) -> int:
    """The metrics that a dashboard shows. A search counts as more than any number: it shows what there will be."""
    body = json.loads(dashboard["Properties"]["DashboardBody"]["Fn::Sub"])
    metrics = [
        metric
        for widget in body["widgets"]
        if widget["type"] == "metric"
        for metric in widget["properties"]["metrics"]
    ]
    if any("SEARCH(" in str(metric[0]) for metric in metrics):
        return FREE_DASHBOARD_METRICS + len(metrics)
    return len(metrics)
