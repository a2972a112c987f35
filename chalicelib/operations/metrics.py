"""What CloudWatch measured in the last hour, by one call for many figures.

Nothing is measured of what did not happen, so a figure without data is None and never zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.core import clock
from chalicelib.core.aws import clients

if TYPE_CHECKING:
    from collections.abc import Iterable

WINDOW_SECONDS = 3600
PERIOD_SECONDS = 300

AT_ONCE = 500
"""The most metrics of one call:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html"""


class Metric(NamedTuple):
    """One statistic of one metric. `latest` takes its newest five minutes, and otherwise the hour's `Sum` is added up
    and of any other statistic the highest five minutes are taken: percentiles cannot be added up."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    stat: str = "Sum"
    latest: bool = False


Measured = dict[Metric, float | None]


def measure(metrics: Iterable[Metric]) -> Measured:
    """The figure of each metric over the last hour, of which the last five minutes are not over; None without data."""
    wanted = list(dict.fromkeys(metrics))
    found: Measured = {}
    for start in range(0, len(wanted), AT_ONCE):
        found |= _measured(wanted[start : start + AT_ONCE])
    return found


def _measured(metrics: list[Metric]) -> Measured:
    end = (clock.epoch() // PERIOD_SECONDS + 1) * PERIOD_SECONDS
    request: dict[str, Any] = {
        "StartTime": end - WINDOW_SECONDS,
        "EndTime": end,
        "ScanBy": "TimestampAscending",
        "MetricDataQueries": [_query(number, metric) for number, metric in enumerate(metrics)],
    }
    values: dict[str, list[float]] = {}
    while True:
        answer = clients.client("cloudwatch").get_metric_data(**request)
        for result in answer["MetricDataResults"]:
            values.setdefault(result["Id"], []).extend(result["Values"])
        if not answer.get("NextToken"):
            break
        request["NextToken"] = answer["NextToken"]
    return {metric: _figure(metric, values.get(f"m{number}", [])) for number, metric in enumerate(metrics)}


def _query(number: int, metric: Metric) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    measured = {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}
    return {
        "Id": f"m{number}",
        "MetricStat": {"Metric": measured, "Period": PERIOD_SECONDS, "Stat": metric.stat},
        "ReturnData": True,
    }


def _figure(metric: Metric, values: list[float]) -> float | None:
    if not values:
        return None
    if metric.latest:
        return values[-1]
    return sum(values) if metric.stat == "Sum" else max(values)
