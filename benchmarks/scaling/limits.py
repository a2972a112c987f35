"""The limits of an account that a rate of requests meets, as AWS sets them before anybody asks for more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.scaling import heat

if TYPE_CHECKING:
    from benchmarks.scaling.scenarios import Scenario

REGIONS = {
    "us-east-1": (10_000, 30_000),
    "us-west-2, eu-west-1": (10_000, 9_000),
    "eu-central-1": (10_000, 1_500),
    "a small region": (2_500, 300),
}
"""By class of region: requests a second that API Gateway takes, and messages a second that SNS takes, of an account.

https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
https://docs.aws.amazon.com/general/latest/gr/sns.html
"""
EXECUTIONS = 1_000
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html; a new account has 10."""
TABLE_UNITS = 40_000
NEW_TABLE_WRITES, NEW_TABLE_READS = 4_000, 12_000
"""Units a second of a table in on-demand mode: the quota, and before its first peak.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html"""

REQUEST_SECONDS = 0.03
"""Of an average request of a day, hashing included: three calls of DynamoDB of 5 ms, and our own work. It is assumed:
the concurrency of a stage is what Lambda's metric ConcurrentExecutions says."""


@dataclass(frozen=True)
class Limit:
    """What is used of a limit, in so many units a second (or at once)."""

    name: str
    used: float
    limit: float

    @property
    def share(self) -> float:
        return self.used / self.limit


def of_account(day: Scenario, rate: float, region: str) -> list[Limit]:
    """The account's limits at a rate of an ordinary day, the most used one first."""
    requests, messages = REGIONS[region]
    rates = day.rates(rate)
    tables = heat.table_units(day.found, rates)
    written = max(tables, key=lambda name: tables[name][1])
    read = max(tables, key=lambda name: tables[name][0])
    limits = [
        Limit("API Gateway, requests", rate, requests),
        Limit("Lambda, executions at once", rate * REQUEST_SECONDS, EXECUTIONS),
        Limit("SNS, messages published", heat.events(day.found, rates), messages),
        Limit(f"DynamoDB, writes of {written}", tables[written][1], TABLE_UNITS),
        Limit(f"DynamoDB, reads of {read}", tables[read][0], TABLE_UNITS),
    ]
    return sorted(limits, key=lambda limit: -limit.share)
