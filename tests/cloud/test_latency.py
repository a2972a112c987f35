"""Every change reaches a webhook, also the first ones, for which functions have to start.

`python -m benchmarks latency` prints how long each takes.
"""

from __future__ import annotations

from tests.cloud.latency import AT_ONCE, WAVES, measure


def test_every_change_is_at_a_webhook(deployed, receiver):
    latency = measure(deployed, receiver)
    assert (len(latency.cold), len(latency.seconds)) == (AT_ONCE, AT_ONCE * WAVES)
