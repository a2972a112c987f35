"""Which events reach which built-in consumer."""

from __future__ import annotations

import pytest

from chalicelib.mail.model import MAILED_EVENTS
from infra.messaging import SUBSCRIPTIONS


def test_every_event_with_a_mail_reaches_the_queue_of_mails():
    subscribed = [event_type for policy in SUBSCRIPTIONS["mail"]["$or"] for event_type in policy["type"]]
    assert sorted(subscribed) == sorted(MAILED_EVENTS)


def test_of_sessions_only_those_on_new_devices_do():
    wanted = SUBSCRIPTIONS["mail"]["$or"]
    (of_sessions,) = (policy for policy in wanted if "session.started" in policy["type"])
    assert of_sessions == {"type": ["session.started"], "new_device": ["true"]}


@pytest.mark.parametrize("queue", ["history", "insights", "mail"])
def test_what_is_replayed_reaches_no_built_in_consumer_but_webhooks(queue):
    assert SUBSCRIPTIONS[queue]["replayed"] == [{"exists": False}]
    assert "replayed" not in SUBSCRIPTIONS["webhooks"]
