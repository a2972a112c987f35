"""Who is told of a sign-in on a new device, and who is not."""

from __future__ import annotations

import pytest

from chalicelib.core.settings import settings
from chalicelib.sessions.model import ended
from tests.functional.test_mail_delivery import deliver, event, put_person, queue, text_of


@pytest.fixture
def ann(aws):
    """A person who has signed in once before."""
    put_person(aws)
    put_session(aws, "S1")
    put_session(aws, "S2")
    return aws


BEGAN = "2026-03-01T11:59:00.000Z"


def put_session(aws, session_id: str, **fields: object) -> None:
    told = {"created_at": BEGAN, "new_device": True}
    aws.put("sessions", {"id": session_id, "user_id": "U1", "version": 1, **told, **fields})


def started(session_id: str = "S2") -> dict[str, object]:
    return event(
        "session.started",
        id=f"sessions:{session_id}:1:0",
        data={"session": {"id": session_id}, "new_device": True},
    )


def test_a_sign_in_on_a_new_device_is_mailed_once(ann):
    for _ in range(2):
        queue(started())
    (sent,) = deliver(ann)
    assert sent["Content"]["Simple"]["Subject"]["Data"] == "Your account was used on a new device"
    assert "on 2026-03-01 11:59 UTC" in text_of(sent)


def test_the_first_sign_in_of_a_life_is_no_news(aws):
    put_person(aws)
    queue(started())
    put_session(aws, "S2")
    queue(started())
    assert deliver(aws) == []


def test_the_first_sign_in_is_no_news_either_where_the_second_is_there_by_then(ann):
    queue(started("S1"))
    assert deliver(ann) == []
    queue(started("S2"))
    assert len(deliver(ann)) == 1


@pytest.mark.parametrize("session_id", ["S1", "S2"])
def test_a_session_that_ended_was_one_all_the_same(ann, session_id):
    put_session(ann, session_id, deleted_at="2026-02-01T00:00:00.000Z")
    queue(started())
    assert len(deliver(ann)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("new_device", [False, None, "true", 1])
def test_a_known_device_is_no_news(ann, new_device):
    put_session(ann, "S2", new_device=new_device)
    queue(started())
    assert deliver(ann) == []


def test_what_an_event_says_of_another_s_session_is_no_news(ann):
    put_session(ann, "S2", user_id="U2")
    queue(started())
    queue(started("none"))
    assert deliver(ann) == []


def test_who_signs_out_at_once_is_told_all_the_same(ann):
    """A thief's session says that it was on a new device when it has ended, too."""
    session = {"id": "S2", "user_id": "U1", "version": 1, "created_at": BEGAN, "new_device": True}
    ann.put("sessions", ended(session, "signed_out"))
    queue(started())
    assert len(deliver(ann)) == 1


@pytest.mark.slow
def test_who_was_erased_meanwhile_is_not_mailed(ann):
    queue(event("session.started", data={"data_omitted": True, "reason": "erasure"}))
    assert deliver(ann) == []


@settings.held(new_device_mail=False)
def test_a_stage_can_do_without(ann):
    queue(started())
    assert deliver(ann) == []
