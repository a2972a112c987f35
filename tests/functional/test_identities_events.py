"""What others learn of identities: events, history, the person as they were; and what goes with the person."""

from __future__ import annotations

import pytest

from chalicelib import identities
from chalicelib.events.change import events_of
from chalicelib.privacy.own_data import export_of
from tests.builders import PASSWORD, a_user
from tests.functional.coming_in import Newcomer, connected, person_of
from tests.functional.pages import run_jobs, without_delays
from tests.functional.test_identities_linking import link, listed, unlink

pytestmark = pytest.mark.usefixtures("held_clock", "local_receivers")

URL = "https://rollcall.example"


@pytest.fixture
def provider(aws):
    with connected(trusted_domains=["corp.example"]) as one:
        yield one


def types_of(events) -> list[str]:
    return [event["type"] for event in events]


def changes(old, new):
    return events_of("users", old, new, expired=False, public_url=URL)


def test_a_person_who_comes_is_registered_confirmed_and_linked(provider):
    browser = Newcomer()
    browser.come(provider)
    events = changes(None, person_of("alice@corp.example"))
    assert types_of(events) == ["user.registered", "user.confirmed", "user.identity_linked"]
    (identity,) = listed(browser)
    data = events[-1]["data"]
    assert data["identity"] == {"id": identity["id"], "connection": "corp"}
    assert data["user"]["identities"] == [
        {"id": identity["id"], "connection": "corp", "linked_at": "2026-03-01T12:00:00.000Z"}
    ]
    assert "alice-1" not in str(events)  # the subject is in no event


def test_linking_and_unlinking_are_events_that_say_what_was_before(provider):
    a_user(email="ada@corp.example", password=PASSWORD)
    browser = Newcomer()
    browser.enter("ada@corp.example")
    before = person_of("ada@corp.example")
    link(browser, provider)
    linked = person_of("ada@corp.example")
    (event,) = changes(before, linked)
    assert (event["type"], event["data"]["previous"]["identities"]) == ("user.identity_linked", None)
    (identity,) = listed(browser)
    unlink(browser, identity)
    (event,) = changes(linked, person_of("ada@corp.example"))
    assert (event["type"], event["data"]["identity"]["id"]) == ("user.identity_unlinked", identity["id"])
    assert event["data"]["previous"]["identities"] == linked["identities"]


def test_a_session_says_by_which_connection_it_began(aws, provider):
    Newcomer().come(provider)
    (session,) = aws.rows("sessions")
    (event,) = events_of("sessions", None, session, expired=False, public_url=URL)
    assert event["data"]["session"]["connection"] == "corp"


@pytest.mark.slow
def test_the_first_proof_of_a_mailbox_is_an_event_for_each_that_goes(aws, provider):
    browser = Newcomer()
    browser.come(provider, email_verified=False)
    before = person_of("alice@corp.example")
    Newcomer().come(provider, sub="the owner")
    after = person_of("alice@corp.example")
    kinds = types_of(changes(before, after))
    assert kinds == ["user.confirmed", "user.identity_unlinked", "user.identity_linked"]


@pytest.mark.slow
def test_ones_own_data_has_ones_identities(provider):
    browser = Newcomer()
    browser.come(provider)
    data = export_of(person_of("alice@corp.example"))
    (identity,) = data["identities"]
    assert (identity["subject"], identity["issuer"]) == ("alice-1", provider.url)


@pytest.mark.slow
def test_an_erasure_takes_them_and_frees_the_identity(aws, provider, held_clock):
    browser = Newcomer()
    browser.come(provider)
    link(browser, provider, sub="another")
    user_id = browser.me()["id"]
    assert browser.call("DELETE", "/me").status == 202
    assert identities.erase(user_id) == (3, True)
    assert identities.erase(user_id) == (0, True)
    assert [row["id"] for row in aws.rows("credentials") if row["id"].startswith("identit")] == []


@pytest.mark.slow
def test_a_person_who_is_gone_does_not_keep_an_identity_from_coming_again(aws, provider):
    browser = Newcomer()
    browser.come(provider)
    former = browser.me()["id"]
    browser.call("DELETE", "/me")
    other = Newcomer()
    other.come(provider)
    assert other.me()["id"] != former
    assert identities.erase(former)[0] == 1  # the new owner's row stays
    again = Newcomer()
    again.come(provider)
    assert again.me()["id"] == other.me()["id"]


@pytest.mark.slow
def test_the_job_of_an_erasure_gets_to_them(aws, provider, state_machines):
    browser = Newcomer()
    browser.come(provider)
    with without_delays():
        browser.call("DELETE", "/me")
    run_jobs(aws)
    assert [row["id"] for row in aws.rows("credentials") if row["id"].startswith("identit")] == []
    (job,) = [row for row in aws.rows("jobs") if row.get("kind") == "erasure"]
    assert job["counts"]["identities"] == 2
