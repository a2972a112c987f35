"""Coming in from a provider that nobody here wrote: `oidc-provider-mock`, over loopback."""

from __future__ import annotations

import pytest

from chalicelib.connections import administration
from tests.functional.coming_in import Newcomer, arrived, reason
from tests.functional.mock_provider import approve, connect, running

pytestmark = pytest.mark.usefixtures("local_receivers")


@pytest.fixture(scope="module")
def mock():
    with running() as issuer:
        yield issuer


@pytest.mark.slow
def test_somebody_comes_in_and_comes_again(aws, mock):
    connect(mock)
    first, second = Newcomer(), Newcomer()
    for browser in (first, second):
        assert arrived(browser.arrive(approve(browser.begin(), "ann@corp.example")))
        browser.refresh()
    assert first.me()["id"] == second.me()["id"]
    assert first.me()["email"] == "ann@corp.example"


@pytest.mark.slow
def test_somebody_who_says_no_does_not(aws, mock):
    """Versions of this provider for Python 3.11 leave the `state` out of the refusal, which RFC 6749, section 4.1.2.1,
    wants there. Without it nothing says that this browser asked."""
    connect(mock)
    browser = Newcomer()
    refusal = approve(browser.begin(), None)
    assert refusal["error"] == "access_denied"
    assert reason(browser.arrive(refusal)) == ("cancelled" if "state" in refusal else "expired")
    assert aws.rows("users") == []


@pytest.mark.slow
def test_a_code_is_good_once(aws, mock):
    connect(mock)
    browser = Newcomer()
    parameters = approve(browser.begin(), "ann@corp.example")
    assert arrived(browser.arrive(parameters))
    assert reason(browser.arrive(parameters)) == "expired"


@pytest.mark.slow
def test_the_administrators_test_finds_it(mock, aws):
    connect(mock)
    found = administration.test("corp")
    assert (found["ok"], found["issuer"]) == (True, mock)
