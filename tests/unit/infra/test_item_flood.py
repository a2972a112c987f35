"""A flood of items has its own way through the system, and a width that leaves sign-in its own."""

from __future__ import annotations

import pytest

from infra import template
from infra.functions import BY_QUEUE, FUNCTIONS
from infra.messaging import SUBSCRIPTIONS
from infra.stage import load

TABLE_WRITES = 4000
"""A second, of a new on-demand table:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html"""
WRITES_OF_A_CORE = 1000
CORE = 1769
STREAM_SHARDS = 4
"""Of such a table's stream: one for each 1,000 writes."""
ACCOUNT = 1000
"""Concurrent executions: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


@pytest.fixture(scope="module")
def resources():
    return template.merge(load("prod"))["Resources"]


def test_items_have_a_queue_a_table_and_a_width_of_their_own(resources):
    (source,) = resources["OnItems"]["Properties"]["Events"].values()
    assert source["Properties"]["Queue"] == {"Fn::Sub": "${ItemsQueue.Arn}"}
    assert source["Properties"]["ScalingConfig"] == {"MaximumConcurrency": BY_QUEUE["items"].concurrency}
    assert [name for name, each in resources.items() if "ItemsQueue.Arn" in str(each)] == ["OnItems"]
    assert resources["ItemsTable"]["Properties"]["BillingMode"] == "PAY_PER_REQUEST"


def test_the_writers_together_write_what_a_new_table_takes():
    function = BY_QUEUE["items"]
    assert function.concurrency * function.memory / CORE * WRITES_OF_A_CORE <= TABLE_WRITES


def test_all_that_items_set_in_motion_leaves_the_account_to_sign_in(resources):
    behind = ["items", *SUBSCRIPTIONS, "deliveries"]
    streams = sum(function.parallelism * STREAM_SHARDS for function in FUNCTIONS if "item" in function.name)
    assert sum(BY_QUEUE[queue].concurrency for queue in behind) + streams < ACCOUNT / 10
    assert "ReservedConcurrentExecutions" in resources["APIHandler"]["Properties"]


def test_a_queue_takes_the_greatest_item_whatever_its_spelling(resources):
    for queue in ("ItemsQueue", "ItemsDlq"):
        assert resources[queue]["Properties"]["MaximumMessageSize"] == 1024 * 1024
