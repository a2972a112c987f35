"""Estimates the costs of a rehearsal: the units that it uses times AWS's list prices.

Without any free tier. Other regions than that of the prices are up to a third more expensive, which `MARGIN` covers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.prices import HOURS
from infra.prices import PRICES as LIST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tools.rehearse.context import Sizes
    from tools.rehearse.steps import Step

LIMIT = 5.0
"""Dollars above which a rehearsal does not begin."""

MARGIN = 1.35

_LISTED = {
    "write units": "write units",
    "read units": "read units",
    "restored GB": "restored GB",
    "lambda requests": "function requests",
    "lambda GB-seconds": "GB-seconds",
    "state transitions": "state transitions",
    "sns requests": "topic requests",
    "sqs requests": "queue requests",
    "s3 puts": "S3 puts",
    "s3 gets": "S3 gets",
    "log GB": "log GB",
    "scanned log GB": "scanned log GB",
    "traces": "traces",
    "api requests": "API requests",
    "mails": "mails",
    "kms requests": "key requests",
    "restored snapshot GB": "restored snapshot GB",
}

_BY_HOUR = {
    "alarm hours": "alarm metrics",
    "key hours": "keys",
    "secret hours": "secrets",
    "snapshot GB hours": "snapshot GB",
    "ready GB hours": "ready GB",
}

PRICES = {unit: LIST[name].unit for unit, name in _LISTED.items()} | {
    unit: LIST[name].unit / HOURS for unit, name in _BY_HOUR.items()
}
"""Dollars for one unit."""


def dollars(uses: Mapping[str, float]) -> float:
    """The list price of these units. Raises KeyError for a unit without a price."""
    return sum(PRICES[unit] * count for unit, count in uses.items())


def estimate(steps: Iterable[Step], sizes: Sizes) -> float:
    """The costs of all steps, with the margin for other regions."""
    return MARGIN * sum(dollars(step.uses(sizes)) for step in steps)
