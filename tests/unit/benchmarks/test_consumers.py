"""What memory costs a consumer, by arithmetic that Lambda's bill follows."""

from __future__ import annotations

import pytest

from benchmarks.consumers import CONSUMERS, CORE_MB, GB_SECOND, REQUEST, Choice, choices


def test_a_share_of_a_core_stretches_the_work_and_not_the_waiting():
    whole, half = (Choice(memory, cpu_ms=10.0, waited_ms=30.0, at_once=4) for memory in (CORE_MB, CORE_MB // 2))
    assert whole.batch_ms == pytest.approx(40)
    assert half.batch_ms == pytest.approx(50, rel=0.001)
    assert whole.events_a_second == pytest.approx(100 / 0.040 * 4)


def test_a_million_events_cost_their_memory_by_the_time_of_their_batches():
    choice = Choice(1024, cpu_ms=0.0, waited_ms=50.0, at_once=1)
    assert choice.dollars == pytest.approx(10_000 * (0.050 * GB_SECOND + REQUEST))


@pytest.mark.parametrize("consumer", CONSUMERS, ids=lambda consumer: consumer.name)
def test_more_memory_is_never_slower(consumer):
    rates = [choice.events_a_second for choice in choices(consumer, cpu_ms=10.0)]
    assert rates == sorted(rates)
