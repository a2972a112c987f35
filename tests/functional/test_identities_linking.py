"""People link further identities to their account and unlink them; nobody loses their last way in so."""

from __future__ import annotations

import pytest

from chalicelib import accounts
from chalicelib.connections import connections
from chalicelib.core import clock
from tests.authenticator import Authenticator
from tests.builders import PASSWORD, a_user, an_admin
from tests.functional.coming_in import PAGE, Newcomer, arrived, connect, connected, reason

pytestmark = pytest.mark.usefixtures("held_clock", "local_receivers")

ADA = "ada@corp.example"


@pytest.fixture
def provider(aws):
    with connected() as one:
        yield one


@pytest.fixture
def ada(provider):
    person = a_user(email=ADA, password=PASSWORD)
    browser = Newcomer()
    browser.enter(ADA)
    browser.person = person
    return browser


def begin(browser: Newcomer, connection_id: str = "corp", **body: str) -> str:
    answer = browser.call("POST", "/me/identities/link", {"connection_id": connection_id, **body})
    assert answer.status == 200, answer
    return answer.body["redirect"]


def link(browser: Newcomer, provider, connection_id: str = "corp", **person):
    return browser.arrive(provider.authorize(begin(browser, connection_id), **person), connection_id)


def listed(browser: Newcomer) -> list[dict]:
    return browser.call("GET", "/me/identities").body["items"]


def unlink(browser: Newcomer, identity: dict):
    return browser.call("DELETE", f"/me/identities/{identity['id']}")


@pytest.mark.slow
def test_an_identity_is_linked_in_a_session_whatever_its_address(ada, provider):
    assert arrived(link(ada, provider, email="someone@else.example"), "/account/security")
    (identity,) = listed(ada)
    assert (identity["label"], identity["subject"]) == ("someone@else.example", "alice-1")
    other = Newcomer()
    assert arrived(other.come(provider, email="someone@else.example"))
    assert other.me()["id"] == ada.person["id"]
    assert ada.me()["email"] == ADA  # the session goes on


def test_the_browser_goes_where_it_was_asked_to(ada, provider):
    parameters = provider.authorize(begin(ada, return_to="/account"))
    assert arrived(ada.arrive(parameters), "/account")


def test_linking_twice_changes_nothing(aws, ada, provider):
    link(ada, provider)
    before = aws.rows("users"), aws.rows("credentials")
    assert arrived(link(ada, provider), "/account/security")
    assert (aws.rows("users"), aws.rows("credentials")) == before


@pytest.mark.slow
def test_an_identity_of_another_is_refused_and_stays(ada, provider):
    other = Newcomer()
    other.come(provider)
    assert reason(link(ada, provider)) == "identity-taken"
    answer = ada.arrive(provider.authorize(begin(ada)), Accept=PAGE)
    assert arrived(answer, "/account/security#problem=identity-taken")
    assert (listed(ada), len(listed(other))) == ([], 1)


def test_only_the_session_that_began_it_is_linked(ada, provider):
    parameters = provider.authorize(begin(ada))
    ada.call("DELETE", "/sessions/current")
    assert reason(ada.arrive(parameters)) == "session-ended"


@pytest.mark.slow
@pytest.mark.peers
def test_another_session_of_the_browser_is_not_linked(ada, provider):
    a_user(email="eve@corp.example", password=PASSWORD)
    parameters = provider.authorize(begin(ada))
    ada.enter("eve@corp.example")
    assert reason(ada.arrive(parameters)) == "session-ended"
    assert accounts.people().find(ada.person["id"]).get("identities") is None


def test_linking_wants_a_fresh_proof(ada, provider):
    clock.tick(seconds=301)
    for method, path, body in (
        ("POST", "/me/identities/link", {"connection_id": "corp"}),
        ("POST", "/me/identities", {}),
        ("DELETE", "/me/identities/x", None),
    ):
        answer = ada.call(method, path, body)
        assert (answer.status, answer.body["type"]) == (401, "step-up-required")


@pytest.mark.slow
@pytest.mark.peers
def test_an_account_has_ten_identities_at_most(ada, provider):
    for number in range(10):
        assert arrived(link(ada, provider, sub=f"s{number}"), "/account/security")
    assert reason(link(ada, provider, sub="one more")) == "too-many-identities"
    assert len(listed(ada)) == 10


@pytest.mark.slow
@pytest.mark.peers
def test_also_where_a_provider_is_trusted(ada, provider):
    connect(provider, "trusted", trusted_domains=["corp.example"])
    for number in range(10):
        link(ada, provider, sub=f"s{number}")
    assert reason(Newcomer().come(provider, "trusted", sub="one more", email=ADA)) == "too-many-identities"
    assert len(listed(ada)) == 10


@pytest.mark.slow
def test_several_identities_of_several_connections(ada, provider):
    connect(provider, "partner")
    link(ada, provider)
    link(ada, provider, "partner")
    assert [one["connection"] for one in listed(ada)] == ["corp", "partner"]


class TestUnlinking:
    @pytest.mark.slow
    @pytest.mark.peers
    def test_leaves_the_others(self, aws, ada, provider):
        link(ada, provider)
        link(ada, provider, sub="bob")
        first, second = listed(ada)
        assert unlink(ada, first).status == 204
        assert listed(ada) == [second]
        assert unlink(ada, first).status == 404
        keys = [row["id"] for row in aws.rows("credentials") if row["id"].startswith("identity#")]
        assert keys == [f"identity#{second['id']}"]

    @pytest.mark.slow
    @pytest.mark.peers
    def test_one_that_is_unlinked_may_be_linked_again_and_by_others(self, ada, provider):
        link(ada, provider)
        unlink(ada, listed(ada)[0])
        other = Newcomer()
        assert arrived(other.come(provider))
        assert other.me()["id"] != ada.person["id"]

    def test_the_last_way_in_stays(self, provider):
        browser = Newcomer()
        browser.come(provider)
        (identity,) = listed(browser)
        answer = unlink(browser, identity)
        assert (answer.status, answer.body["code"]) == (409, "last-way-in")
        assert listed(browser) == [identity]

    @pytest.mark.slow
    def test_another_identity_is_a_way_in_if_its_connection_is_enabled(self, aws, provider):
        connect(provider, "partner")
        browser = Newcomer()
        browser.come(provider)
        link(browser, provider, "partner")
        first, second = listed(browser)
        partner = connections().get("partner")
        connections().replace(partner, {**partner, "enabled": False, "version": 2})
        assert unlink(browser, first).status == 409
        assert unlink(browser, second).status == 204
        assert listed(browser) == [first]

    @pytest.mark.slow
    def test_a_passkey_is_a_way_in(self, aws, provider):
        browser = Newcomer()
        browser.come(provider, email=None)
        key = Authenticator()
        made = key.create(browser.call("POST", "/me/passkeys/options").body)
        assert browser.call("POST", "/me/passkeys", {"name": "Key", "response": made}).status == 201
        assert unlink(browser, listed(browser)[0]).status == 204

    def test_a_password_without_an_address_is_no_way_in(self, provider):
        browser = Newcomer()
        browser.come(provider, email=None)
        assert browser.call("PUT", "/me/password", {"new_password": PASSWORD}).status == 204
        answer = unlink(browser, listed(browser)[0])
        assert (answer.status, answer.body["code"]) == (409, "last-way-in")

    @pytest.mark.slow
    @pytest.mark.peers
    def test_wants_the_present_version(self, ada, provider):
        link(ada, provider)
        (identity,) = listed(ada)
        answer = ada.call("DELETE", f"/me/identities/{identity['id']}", If_Match='"1"')
        assert answer.status == 412


class TestAdministrators:
    @pytest.fixture
    def root(self, provider):
        an_admin(email="root@ops.example", password=PASSWORD)
        browser = Newcomer()
        browser.enter("root@ops.example")
        return browser

    @pytest.mark.slow
    @pytest.mark.peers
    def test_see_and_unlink_also_the_last_one(self, root, provider):
        browser = Newcomer()
        browser.come(provider)
        path = f"/users/{browser.me()['id']}/identities"
        (identity,) = root.call("GET", path).body["items"]
        assert identity["subject"] == "alice-1"
        assert root.call("DELETE", f"{path}/{identity['id']}").status == 204
        assert root.call("GET", path).body["items"] == []
        assert root.call("DELETE", f"{path}/{identity['id']}").status == 404
        assert root.call("GET", "/users/none/identities").status == 404

    @pytest.mark.slow
    def test_support_sees_them_and_unlinks_none(self, ada, provider):
        link(ada, provider)
        a_user(email="support@ops.example", password=PASSWORD, roles=["support"])
        support, path = Newcomer(), f"/users/{ada.person['id']}/identities"
        support.enter("support@ops.example")
        assert support.call("GET", path).body["items"] == listed(ada)
        (identity,) = listed(ada)
        assert support.call("DELETE", f"{path}/{identity['id']}").status == 403

    def test_are_asked_for_a_fresh_proof(self, root):
        clock.tick(seconds=301)
        assert root.call("DELETE", "/users/U1/identities/x").status == 401

    def test_others_are_refused(self, ada):
        assert ada.call("GET", f"/users/{ada.person['id']}/identities").status == 403
