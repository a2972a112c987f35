"""Attacks on the end of a session, each by its name."""

from __future__ import annotations

import jwt
import pytest

from tests.builders import PASSWORD, a_user
from tests.functional.relying_party import PersonsBrowser, RelyingParty, claims_of, entered
from tests.functional.test_oauth_logout import ADA, GOODBYE, PAGE, is_signed_in, log_out

pytestmark = pytest.mark.usefixtures("held_clock")


@pytest.fixture
def browser(aws):
    """Ada's, who has signed in."""
    a_user(id="U1", email=ADA, name="Ada", password=PASSWORD)
    return entered(ADA)


def another_person() -> PersonsBrowser:
    a_user(id="U2", email="mallory@people.example", password=PASSWORD)
    return entered("mallory@people.example")


@pytest.fixture
def shop(aws):
    return RelyingParty({"first_party": True, "post_logout_redirect_uris": [GOODBYE]})


@pytest.mark.slow
@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "https://shop.example/",
        "https://shop.example/goodbye/",
        "https://shop.example/goodbye?next=https://evil.example",
        "https://shop.example/goodbye#part",
        "https://shop.example:8443/goodbye",
        "https://shop.example@evil.example/goodbye",
        "https://shop.example.evil.example/goodbye",
        "http://shop.example/goodbye",
        "//shop.example/goodbye",
        "HTTPS://shop.example/goodbye",
        "https://other.example/goodbye",
        "javascript:alert(1)",
        "",
    ],
)
def test_open_redirect_at_logout(browser, shop, address):
    """Neither at once, nor by the page, nor for who is signed out already. Another client's address is none of ours."""
    RelyingParty({"post_logout_redirect_uris": ["https://other.example/goodbye"]})
    hint = shop.tokens(browser)["id_token"]
    assert log_out(browser, client_id=shop.id, post_logout_redirect_uri=address) == PAGE
    assert log_out(browser, id_token_hint=hint, post_logout_redirect_uri=address) == PAGE
    assert not is_signed_in(browser)
    assert log_out(browser, client_id=shop.id, post_logout_redirect_uri=address) == PAGE


def test_a_state_adds_no_header_and_no_parameter_at_logout(browser, shop):
    there = log_out(
        PersonsBrowser(), client_id=shop.id, post_logout_redirect_uri=GOODBYE, state="x\r\nSet-Cookie: a=b&c=d"
    )
    assert there == f"{GOODBYE}?state=x%0D%0ASet-Cookie%3A%20a%3Db%26c%3Dd"


@pytest.mark.slow
def test_logout_csrf_only_asks(browser, shop):
    """A link that anybody may have written, with whatever proves nothing about this session."""
    thief = another_person()
    tokens = shop.tokens(browser)
    claims = claims_of(tokens["id_token"])
    forged = [
        shop.tokens(thief)["id_token"],
        tokens["access_token"],
        jwt.encode(claims, None, "none", headers={"typ": "JWT"}),
        jwt.encode(claims, "secret" * 8, "HS256", headers={"typ": "JWT", "kid": "1"}),
        tokens["id_token"][:-4] + "AAAA",
        "x" * 9000,
    ]
    for hint in forged:
        assert log_out(browser, id_token_hint=hint, post_logout_redirect_uri=GOODBYE).startswith(PAGE), hint
        assert is_signed_in(browser)
