"""A change is at a webhook within seconds. `python -m benchmarks latency` prints the figures."""

from __future__ import annotations

from tests.cloud.latency import AT_ONCE, WAVES, measure

P95_SECONDS = 5.0


def test_of_a_hundred_changes_95_are_at_a_webhook_within_five_seconds(deployed, receiver):
    latency = measure(deployed, receiver)
    assert len(latency.seconds) == AT_ONCE * WAVES
    assert latency.p95 < P95_SECONDS, str(latency)
