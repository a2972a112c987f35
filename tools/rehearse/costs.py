"""Estimates the costs of a rehearsal: the units that it uses times AWS's list prices.

Prices are those of us-east-1 without any free tier, in US dollars. Other regions are up to a third more expensive,
which `MARGIN` covers. Prices change, so look them up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tools.rehearse.context import Sizes
    from tools.rehearse.steps import Step

LIMIT = 5.0
"""Dollars above which a rehearsal does not begin."""

MARGIN = 1.35

PRICES = {
    # https://aws.amazon.com/dynamodb/pricing/on-demand/
    "write units": 0.625e-6,
    "read units": 0.125e-6,
    "restored GB": 0.15,
    # https://aws.amazon.com/lambda/pricing/
    "lambda requests": 0.20e-6,
    "lambda GB-seconds": 16.6667e-6,
    # https://aws.amazon.com/step-functions/pricing/
    "state transitions": 25e-6,
    # https://aws.amazon.com/sns/pricing/, https://aws.amazon.com/sqs/pricing/
    "sns requests": 0.50e-6,
    "sqs requests": 0.40e-6,
    # https://aws.amazon.com/s3/pricing/
    "s3 puts": 5e-6,
    "s3 gets": 0.4e-6,
    # https://aws.amazon.com/cloudwatch/pricing/: alarms and dashboards by the hour of a month of 730
    "log GB": 0.50,
    "scanned log GB": 0.005,
    "alarm hours": 0.10 / 730,
    # https://aws.amazon.com/xray/pricing/
    "traces": 5e-6,
    # https://aws.amazon.com/api-gateway/pricing/
    "api requests": 3.5e-6,
    # https://aws.amazon.com/ses/pricing/
    "mails": 0.10e-3,
    # https://aws.amazon.com/kms/pricing/, https://aws.amazon.com/secrets-manager/pricing/
    "kms requests": 3e-6,
    "key hours": 1.0 / 730,
    "secret hours": 0.40 / 730,
}
"""Dollars for one unit."""


def dollars(uses: Mapping[str, float]) -> float:
    """The list price of these units. Raises KeyError for a unit without a price."""
    return sum(PRICES[unit] * count for unit, count in uses.items())


def estimate(steps: Iterable[Step], sizes: Sizes) -> float:
    """The costs of all steps, with the margin for other regions."""
    return MARGIN * sum(dollars(step.uses(sizes)) for step in steps)
