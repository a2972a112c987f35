"""One-time codes, against the vectors of their standard."""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core import clock
from chalicelib.factors import totp

SECRET = base64.b32encode(b"12345678901234567890").decode()

VECTORS = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}
"""RFC 6238, appendix B, SHA-1: eight digits, of which six are the last six."""

OTHER = base64.b32encode(b"another secret entirely").decode()


def at(second: int):
    return clock.held(datetime.fromtimestamp(second, UTC))


@pytest.mark.parametrize(("second", "eight_digits"), VECTORS.items())
def test_the_vectors_of_rfc_6238(second, eight_digits):
    with at(second):
        assert totp.step_of(SECRET, eight_digits[2:]) == second // 30
        assert totp.step_of(OTHER, eight_digits[2:]) is None


@pytest.mark.parametrize(("drift", "works"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off(drift, works):
    with at(1234567890 - drift * 30):
        assert (totp.step_of(SECRET, "005924") is not None) is works


def test_a_step_works_once_and_none_before_it_afterwards():
    with at(1234567890):
        step = totp.step_of(SECRET, "005924")
        assert step == 41152263
        assert totp.step_of(SECRET, "005924", after=step - 1) == step
        assert totp.step_of(SECRET, "005924", after=step) is None


@given(st.text(max_size=8).filter(lambda text: text != "005924"))
def test_what_is_no_code_is_none(text):
    with at(1234567890):
        assert totp.step_of(SECRET, text, after=41152263) is None


@pytest.mark.parametrize(
    "text", ["005924 ", "00592４", "+05924", "5924", "0005924", ""]
)  # one digit is full width
def test_a_code_is_six_plain_digits(text):
    with at(1234567890):
        assert totp.step_of(SECRET, text) is None


def test_a_secret_has_160_bits_and_none_is_like_another():
    made = {totp.new_secret() for _ in range(100)}
    assert len(made) == 100
    assert {len(base64.b32decode(secret)) for secret in made} == {20}


def test_the_url_says_what_apps_need():
    url = urlsplit(totp.url(SECRET, issuer="rollcall.example", account="ada+x@maths.example"))
    assert (url.scheme, url.netloc, url.path) == ("otpauth", "totp", "/rollcall.example:ada%2Bx%40maths.example")
    assert parse_qs(url.query) == {"secret": [SECRET], "issuer": ["rollcall.example"]}


@pytest.mark.parametrize(
    "text",
    [
        SECRET.lower(),
        f"{SECRET[:4]} {SECRET[4:]}",
        f"{SECRET[:4]}-{SECRET[4:]}",
        f" {SECRET}====\n",
        f"otpauth://totp/Shop:ada%40maths.example?secret={SECRET}&issuer=Shop",
        f"OTPAUTH://TOTP/Shop?Secret={SECRET.lower()}&algorithm=sha1&digits=6&period=30",
    ],
)
def test_secrets_of_others_are_taken_however_they_are_written(text):
    assert totp.check_secret(text) == SECRET


@pytest.mark.parametrize("letters", [16, 17, 20, 22, 24, 26, 30, 32])
def test_secrets_of_others_make_the_codes_of_their_apps(letters):
    secret = totp.check_secret(SECRET[:letters])
    key = base64.b32decode(SECRET)[: letters * 5 // 8]
    assert totp.bits(secret) == 8 * len(key)
    with at(1234567890):
        counter = (1234567890 // 30).to_bytes(8, "big")
        digest = hmac.digest(key, counter, "sha1")
        offset = digest[-1] & 15
        code = (int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF) % 10**6
        assert totp.step_of(secret, f"{code:06}") is not None


@pytest.mark.parametrize(
    "text", ["", "not base 32!", "é" * 32, "otpauth://totp/x", "otpauth://[", 7, None, "A" * 257]
)
def test_what_is_no_secret_is_refused(text):
    with pytest.raises(ValueError, match=r"TOTP secret|otpauth"):
        totp.check_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        SECRET[:15],
        "AAAA",
        f"otpauth://hotp/x?secret={SECRET}",
        f"otpauth://totp/x?secret={SECRET}&digits=8",
        f"otpauth://totp/x?secret={SECRET}&algorithm=SHA256",
        f"otpauth://totp/x?secret={SECRET}&period=60",
        f"otpauth://totp/x?secret={SECRET[:8]}",
    ],
)
def test_a_secret_that_nobody_could_prove_here_is_told_apart(text):
    with pytest.raises(totp.UnusableSecret):
        totp.check_secret(text)
