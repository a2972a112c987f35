"""AWS's list prices of us-east-1 in US dollars, for a month. Other regions are up to a third dearer.

Prices change: `READ` says when these were looked up last, and each names its page. What is free is free in each account
for ever, and not for a first year only.
"""

from __future__ import annotations

from dataclasses import dataclass

READ = "2026-09-20"
"""When the prices were looked up."""

HOURS = 730
"""Of a month."""

_CLOUDWATCH = "https://aws.amazon.com/cloudwatch/pricing/"
_DYNAMODB = "https://aws.amazon.com/dynamodb/pricing/on-demand/"
_LAMBDA = "https://aws.amazon.com/lambda/pricing/"
_S3 = "https://aws.amazon.com/s3/pricing/"


@dataclass(frozen=True)
class Price:
    """The price of one unit, and how many units cost nothing.

    `steps` are lower prices: of what is above so many units, as (units, price).
    """

    unit: float
    source: str
    free: float = 0
    steps: tuple[tuple[float, float], ...] = ()

    def of(self, count: float) -> float:
        """What so many units cost by the list."""
        total, price, above = 0.0, self.unit, 0.0
        for start, lower in (*self.steps, (float("inf"), 0.0)):
            total += max(0.0, min(count, start) - above) * price
            price, above = lower, start
        return total

    def after_free(self, count: float) -> float:
        """What so many units cost in an account where nothing else uses up what is free."""
        return self.of(count) - self.of(min(count, self.free))


PRICES = {
    "API requests": Price(
        3.50e-6,
        "https://aws.amazon.com/api-gateway/pricing/",
        steps=((333e6, 2.80e-6), (1e9, 2.38e-6), (20e9, 1.51e-6)),
    ),
    "function requests": Price(0.20e-6, _LAMBDA, free=1_000_000),
    "GB-seconds": Price(16.6667e-6, _LAMBDA, free=400_000),
    "GB-seconds (arm64)": Price(13.3334e-6, _LAMBDA, free=400_000),
    "snapshot GB": Price(1.5046e-6 * HOURS * 3600, _LAMBDA),
    "restored snapshot GB": Price(139.7998e-6, _LAMBDA),
    "ready GB": Price(4.1667e-6 * HOURS * 3600, _LAMBDA),
    "write units": Price(0.625e-6, _DYNAMODB),
    "read units": Price(0.125e-6, _DYNAMODB),
    "write units (infrequent access)": Price(0.78e-6, _DYNAMODB),
    "read units (infrequent access)": Price(0.155e-6, _DYNAMODB),
    "stored GB": Price(0.25, _DYNAMODB, free=25),
    "stored GB (infrequent access)": Price(0.10, _DYNAMODB),
    "backup GB": Price(0.20, _DYNAMODB),
    "restored GB": Price(0.15, _DYNAMODB),
    "topic requests": Price(0.50e-6, "https://aws.amazon.com/sns/pricing/", free=1_000_000),
    "queue requests": Price(0.40e-6, "https://aws.amazon.com/sqs/pricing/", free=1_000_000),
    "mails": Price(0.10e-3, "https://aws.amazon.com/ses/pricing/"),
    "S3 puts": Price(5e-6, _S3),
    "S3 gets": Price(0.4e-6, _S3),
    "state transitions": Price(25e-6, "https://aws.amazon.com/step-functions/pricing/", free=4_000),
    "log GB": Price(0.50, _CLOUDWATCH, free=5),
    "stored log GB": Price(0.03, _CLOUDWATCH),
    "scanned log GB": Price(0.005, _CLOUDWATCH),
    "custom metrics": Price(0.30, _CLOUDWATCH, free=10),
    "alarm metrics": Price(0.10, _CLOUDWATCH, free=10),
    "dashboards": Price(3.00, _CLOUDWATCH, free=3),
    "large dashboards": Price(3.00, _CLOUDWATCH),
    "traces": Price(5e-6, "https://aws.amazon.com/xray/pricing/", free=100_000),
    "keys": Price(1.00, "https://aws.amazon.com/kms/pricing/"),
    "key requests": Price(3e-6, "https://aws.amazon.com/kms/pricing/", free=20_000),
    "secrets": Price(0.40, "https://aws.amazon.com/secrets-manager/pricing/"),
    "secret requests": Price(5e-6, "https://aws.amazon.com/secrets-manager/pricing/"),
    "outgoing GB": Price(0.09, "https://aws.amazon.com/ec2/pricing/on-demand/", free=100),
    # An on-demand stream by the hour.
    "streams": Price(0.04 * HOURS, "https://aws.amazon.com/kinesis/data-streams/pricing/"),
}
