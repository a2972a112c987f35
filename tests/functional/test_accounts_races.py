"""Two hundred at once: an address has one person, whoever and however many register and confirm it."""

from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor
from itertools import islice, product

import pytest

from chalicelib.core.crypto import links
from chalicelib.core.settings import settings
from chalicelib.limits.mail_limits import OF_ONE_NETWORK
from chalicelib.profile import email_key
from tests.builders import PASSWORD
from tests.functional.serial import one_call_at_a_time
from tests.functional.visitors import Visitor, mailed, token_of

ADDRESS = "Jose.Lukasz@b\u00fccher.example"
MANY = 200
THREADS = 20


def spellings() -> list[str]:
    """The address in 200 spellings: letters in either case, composed or not, the domain in Unicode or not."""
    local, domain = ADDRESS.split("@")
    cases = ("".join(letters) for letters in product(*((c.lower(), c.upper()) for c in local)))
    forms = [
        (form, host)
        for form in ("NFC", "NFD")
        for host in (domain, domain.upper(), "xn--bcher-kva.example", "XN--BCHER-KVA.example")
    ]
    written = (
        f"{unicodedata.normalize(form, case)}@{host}" for case in islice(cases, 0, None, 7) for form, host in forms
    )
    return list(islice(dict.fromkeys(written), MANY))


@pytest.fixture
def patient():
    """A stage that lets one client register often enough."""
    with settings.held(registrations_per_hour=1000):
        yield


def at_once(do, values) -> list[int]:
    with one_call_at_a_time(), ThreadPoolExecutor(THREADS) as threads:
        return sorted(answer.status for answer in threads.map(do, values))


def test_two_hundred_spellings_are_one_address():
    assert len(set(spellings())) == MANY
    assert len({email_key(spelling) for spelling in spellings()}) == 1


@pytest.mark.slow
def test_two_hundred_simultaneous_registrations_and_confirmations_make_one_person(aws, patient):
    visitor = Visitor()

    def register(email: str):
        return visitor.call("POST", "/users", {"email": email, "password": PASSWORD})

    def confirm(token: str):
        return visitor.call("POST", "/users/confirm", {"token": token, "password": PASSWORD})

    assert at_once(register, spellings()) == [202] * MANY
    # A mailbox gets a few of these mails; whoever had all of their tokens would be one person still.
    assert len(mailed(aws)) == OF_ONE_NETWORK
    tokens = [links.mint("confirm", row["id"]) for row in aws.rows("intents")]
    assert at_once(confirm, tokens) == [201] + [409] * (MANY - 1)
    (person,) = aws.rows("users")
    assert person["email_key"] == email_key(ADDRESS)
    assert len(aws.rows("credentials")) == 2


@pytest.mark.slow
def test_two_hundred_simultaneous_uses_of_one_link_make_one_person(aws, patient):
    visitor = Visitor()
    visitor.call("POST", "/users", {"email": ADDRESS, "password": PASSWORD})
    (mail,) = mailed(aws)
    body = {"token": token_of(mail), "password": PASSWORD}
    statuses = at_once(lambda _: visitor.call("POST", "/users/confirm", body), range(MANY))
    assert statuses == [201] + [410] * (MANY - 1)
    assert len(aws.rows("users")) == 1


@pytest.mark.slow
@settings.held(email_verification="optional")
def test_without_verification_two_hundred_simultaneous_registrations_make_one_person(aws, patient):
    visitor = Visitor()

    def register(email: str):
        return visitor.call("POST", "/users", {"email": email, "password": PASSWORD})

    assert at_once(register, spellings()) == [201] + [409] * (MANY - 1)
    assert len(aws.rows("users")) == 1
