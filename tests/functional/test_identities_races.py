"""An attacker made an account with its owner's address, and is in it while the owner proves the mailbox: whatever was
under way at that moment leaves the account to the owner alone."""

from __future__ import annotations

import pytest

from chalicelib import accounts, identities
from chalicelib.core.aws import clients
from tests.functional.coming_in import Newcomer, arrived, connected
from tests.functional.faults import just_before, listening
from tests.functional.providers import ALICE
from tests.functional.test_identities_linking import begin, listed
from tests.functional.visitors import mailed, token_of

pytestmark = pytest.mark.usefixtures("held_clock", "local_receivers")

OWNERS = "owner@corp.example"
ATTACKERS_PASSWORD = "copper lantern river nine"


@pytest.fixture
def provider(aws):
    with connected(person={**ALICE, "sub": "owner", "email": OWNERS}, trusted_domains=["corp.example"]) as one:
        yield one


@pytest.fixture
def evil(provider):
    """A provider of the attacker's own, whose word counts for no mailbox."""
    with connected("evil", person={**ALICE, "sub": "evil", "email": OWNERS}) as one:
        yield one


@pytest.fixture
def attacker(evil):
    browser = Newcomer()
    assert arrived(browser.come(evil, "evil"))
    return browser


def set_password(browser: Newcomer) -> int:
    return browser.call("PUT", "/me/password", {"new_password": ATTACKERS_PASSWORD}).status


def check_attacker_is_out(attacker: Newcomer) -> None:
    assert attacker.call("GET", "/me").status == 401
    assert Newcomer().enter(OWNERS, ATTACKERS_PASSWORD).status == 401


@pytest.mark.slow
def test_a_password_that_is_set_while_the_owner_comes_by_a_trusted_provider(provider, attacker):
    owner = Newcomer()
    with just_before("TransactWriteItems", lambda: set_password(attacker)):
        assert arrived(owner.come(provider))
    assert [one["subject"] for one in listed(owner)] == ["owner"]
    check_attacker_is_out(attacker)


@pytest.mark.slow
def test_a_password_that_is_set_while_the_owner_comes_by_a_mailed_code(aws, attacker):
    owner = Newcomer()
    owner.call("POST", "/sessions/email", {"email": OWNERS})
    token = next(token_of(mail) for mail in mailed(aws) if mail["template"] == "sign_in_code")

    def when_it_was_read(params: dict, **_: object) -> None:
        """At the call after the one that reads the password."""
        if reads and not statuses:
            statuses.append(0)
            statuses[0] = set_password(attacker)
        if b"password#" in params["body"]:
            reads.append(True)

    reads: list[bool] = []
    statuses: list[int] = []
    with listening(clients.client("dynamodb"), "before-call.dynamodb", when_it_was_read):
        answer = owner.call("POST", "/sessions/email/confirm", {"code": token, "browser": True})
    assert (answer.status, statuses) == (201, [204])
    check_attacker_is_out(attacker)


@pytest.mark.slow
def test_an_owner_who_comes_while_a_password_is_being_set(provider, attacker):
    owner = Newcomer()
    with just_before("TransactWriteItems", lambda: owner.come(provider)):
        assert set_password(attacker) == 401
    assert owner.call("GET", "/me").status == 200
    check_attacker_is_out(attacker)


@pytest.mark.slow
def test_an_owner_who_comes_while_an_identity_is_being_linked(provider, evil, attacker):
    parameters = evil.authorize(begin(attacker, "evil"), sub="another of theirs")
    owner = Newcomer()
    with just_before("TransactWriteItems", lambda: owner.come(provider)):
        assert attacker.arrive(parameters, "evil").body["reason"] == "session-ended"
    assert [one["subject"] for one in listed(owner)] == ["owner"]
    check_attacker_is_out(attacker)


@pytest.mark.slow
def test_an_address_that_moves_while_its_owner_comes(aws, provider, attacker):
    """The owner gets an account of their own, and no place in the attacker's."""
    attacker.call("PUT", "/me/email", {"email": "attacker@evil.example"})
    token = token_of(mailed(aws)[-1])
    owner = Newcomer()

    def move() -> None:
        assert attacker.call("POST", "/me/email/confirm", {"token": token}).status == 200

    with just_before("TransactWriteItems", move):
        assert arrived(owner.come(provider))
    assert owner.me()["id"] != attacker.me()["id"]
    assert [one["subject"] for one in listed(attacker)] == ["evil"]
    assert accounts.people().find_by_email(OWNERS)["id"] == owner.me()["id"]


@pytest.mark.slow
def test_an_erasure_takes_no_identity_from_who_comes_again_meanwhile(aws, provider):
    browser, again, once_more = Newcomer(), Newcomer(), Newcomer()
    browser.come(provider, email=None)
    former = browser.me()["id"]
    assert browser.call("DELETE", "/me").status == 202
    with just_before("DeleteItem", lambda: again.come(provider, email=None)):
        identities.erase(former)
    assert arrived(once_more.come(provider, email=None))
    assert once_more.me()["id"] == again.me()["id"] != former
