"""Which events reach which built-in consumer."""

from __future__ import annotations

from chalicelib.mail.model import MAILED_EVENTS
from infra.messaging import MAILED_TYPES, SUBSCRIPTIONS


def test_every_event_with_a_mail_reaches_the_queue_of_mails():
    assert {*MAILED_TYPES, "session.started"} == MAILED_EVENTS.keys()


def test_of_sessions_only_those_on_new_devices_do():
    wanted = SUBSCRIPTIONS["mail"]["$or"]
    (of_sessions,) = (policy for policy in wanted if "session.started" in policy["type"])
    assert of_sessions == {"type": ["session.started"], "new_device": ["true"]}
