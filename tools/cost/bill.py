"""The month's bill of a load, by service: units of the budgets times AWS's list prices."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.core.settings import Settings
from infra import costs, template
from infra.prices import PRICES
from infra.stage import Stage
from infra.watching import LOG_DAYS, TRACED_SHARE
from tools.cost import times
from tools.cost.load import PUBLISHED, work

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.cost.load import Load, Work

GB = 1e9

ANSWER_BYTES = 2_000
"""Of an answer with its headers: tokens are the longest."""

OWN_METRICS = 14
"""Metrics that a busy stage counts by itself: two `Published`, of persons and of sessions, four `MailsSent`, three
`MailFeedback`, and for some hours of a month what was retried, capped or swept."""

PROCESSES = 10
"""Processes of functions that run all the time; each reads two secrets every five minutes."""

KEYED_PAIRS = 40
"""Functions and the tables that each uses: DynamoDB asks KMS for a table's key at most every five minutes for each, and
SNS for a topic's: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html"""

FIVE_MINUTES = 30 * 24 * 12
"""In a month."""

PERSON_BYTES = 2_200
"""Of a person with password and address lock in all tables and indexes (`import_chunk` in the budgets)."""

SERVICES = {
    "API Gateway": ("API requests", "outgoing GB"),
    "Lambda": ("function requests", "GB-seconds"),
    "DynamoDB writes": ("write units",),
    "DynamoDB reads": ("read units",),
    "DynamoDB storage and backup": ("stored GB", "backup GB"),
    "SNS": ("topic requests",),
    "SQS": ("queue requests",),
    "SES": ("mails",),
    "CloudWatch": (
        *("log GB", "stored log GB", "custom metrics", "alarm metrics", "dashboards", "large dashboards"),
        "traces",
    ),
    "KMS and Secrets Manager": ("keys", "key requests", "secrets", "secret requests"),
}
"""What the bill calls a service, and its units in the list of prices."""


@dataclass(frozen=True)
class Line:
    """A service, with what it costs by the list, and after what is always free."""

    service: str
    by_list: float
    charged: float


def bill(load: Load) -> list[Line]:
    """The lines of a month's bill."""
    used = units(load)
    return [
        Line(
            service,
            sum(PRICES[unit].of(used[unit]) for unit in names),
            sum(PRICES[unit].after_free(used[unit]) for unit in names),
        )
        for service, names in SERVICES.items()
    ]


def charged(load: Load) -> float:
    """The whole month, after what is always free."""
    return sum(line.charged for line in bill(load))


def units(load: Load) -> Mapping[str, float]:
    """What is used in a month, by the units of the list of prices."""
    used: dict[str, float] = defaultdict(float)
    for line in costs.idle(template.merge(Stage("prod", {}))["Resources"]):
        used[line.what] += line.count
    stored: dict[str, float] = defaultdict(float)
    for each in work(load):
        for unit, count in _of(each).items():
            used[unit] += count
        stored[each.operation] += each.budget.once.kept * each.invocations + each.budget.each.kept * each.records
    used["outgoing GB"] = used["API requests"] * ANSWER_BYTES / GB
    used["traces"] = used["API requests"] * TRACED_SHARE
    used["custom metrics"] = OWN_METRICS
    used["secret requests"] = 2 * PROCESSES * FIVE_MINUTES
    used["key requests"] = KEYED_PAIRS * FIVE_MINUTES
    used["stored log GB"] = used["log GB"] * LOG_DAYS / 30 * min(1.0, load.months * 30 / LOG_DAYS)
    used["stored GB"] = _stored(stored, load) / GB
    used["backup GB"] = used["stored GB"] / 2  # without the indexes, which are copies of most
    return used


def _of(each: Work) -> Mapping[str, float]:
    """What an operation uses."""
    once, by_record = each.budget.once, each.budget.each
    records = each.records / each.invocations if each.invocations else 0.0
    runs = times.milliseconds(each.operation, each.memory, once, by_record, records)

    def together(name: str) -> float:
        return each.invocations * once.counted[name] + each.records * by_record.counted[name]

    published = max(together("PublishBatch"), each.records / PUBLISHED) if together("PublishBatch") else 0.0
    # What SNS or an operation puts into a queue is a request, so is each receive, and each ten that are deleted.
    deleted = max(each.invocations, each.records / PUBLISHED) if each.queued else 0.0
    return {
        "API requests": each.invocations if each.function == "api_handler" else 0.0,
        "function requests": each.invocations,
        "GB-seconds": each.invocations * runs / 1000 * each.memory / 1024,
        "write units": each.invocations * once.writes + each.records * by_record.writes,
        "read units": each.invocations * once.reads + each.records * by_record.reads,
        "log GB": (each.invocations * once.logged + each.records * by_record.logged) / GB,
        "topic requests": published,
        "queue requests": (each.records if each.queued else 0.0) + each.queued + deleted + together("SendMessage"),
        "mails": together("SendEmail"),
    }


def _stored(stored: Mapping[str, float], load: Load) -> float:
    """Bytes that are there after so many months of this load: history as long as it is kept by default, sessions and
    what else expires a month or two, and everybody who came."""
    kept_months = min(load.months, Settings.history_days / 30)
    history = sum(size for operation, size in stored.items() if operation.startswith("on_history"))
    others = sum(stored.values()) - history
    people = load.users * (1 + load.registrations * load.months) * PERSON_BYTES
    return history * kept_months + others * min(load.months, 2) + people
