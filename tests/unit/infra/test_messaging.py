"""Which events reach which built-in consumer."""

from __future__ import annotations

import pytest

from chalicelib.event_bus.envelope import EventType
from chalicelib.insights.counted import COUNTED
from chalicelib.mail.model import MAILED_EVENTS
from infra import template
from infra.messaging import SUBSCRIPTIONS, UNCOUNTED_TYPES
from infra.stage import Stage
from tools.deploying import parameters

MAIL = {"PUBLIC_URL": "https://rollcall.example", "MAIL_DOMAIN": "rollcall.example"}


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


@pytest.mark.parametrize("made", [template.merge, template.standalone])
@pytest.mark.parametrize(("settings", "wanted"), [({}, "create"), ({"MAIL_IDENTITY": "existing"}, "existing")])
def test_a_domain_that_ses_has_already_is_not_made_again(made, settings, wanted):
    """SES has a domain once in a region and account, so a second stack that makes it fails."""
    stage = Stage("dev", MAIL | settings)
    given = made(stage)
    assert parameters(stage)["MailIdentityMode"] == given["Parameters"]["MailIdentityMode"]["Default"] == wanted
    (condition,) = {given["Resources"]["MailIdentity"]["Condition"]}
    assert given["Conditions"][condition] == {"Fn::Equals": [{"Ref": "MailIdentityMode"}, "create"]}
    assert "MAIL_IDENTITY" not in template.environment(stage)


def test_the_domain_of_a_protected_stage_is_left_to_others_who_send_by_it():
    identity = template.merge(Stage("prod", MAIL))["Resources"]["MailIdentity"]
    assert identity["DeletionPolicy"] == "RetainExceptOnCreate"


def test_what_statistics_are_not_told_of_is_in_none():
    assert not {EventType(kind) for kind in UNCOUNTED_TYPES} & COUNTED.keys()
    assert not any(kind.startswith("user.") for kind in UNCOUNTED_TYPES), "each may tell of a changed hash"
