"""Whose address counts, and that nobody can choose theirs."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.http.client_address import client_address, is_proxy

CLIENT, EDGE, GATEWAY = "203.0.113.9", "198.51.100.1", "198.51.100.2"

addresses = st.ip_addresses().map(str)
junk = st.text(st.characters(codec="latin-1"), max_size=60)


@pytest.mark.parametrize(
    ("forwarded", "proxies", "found"),
    [
        (f"{CLIENT}, {GATEWAY}", 0, GATEWAY),
        (f"{CLIENT}, {GATEWAY}", 1, CLIENT),
        (f"{CLIENT}", 1, CLIENT),
        (f"10.0.0.1, {CLIENT}, {GATEWAY}", 1, CLIENT),
        (f"10.0.0.1, {CLIENT}, {EDGE}, {GATEWAY}", 2, CLIENT),
        (f"2001:db8::1, {GATEWAY}", 1, "2001:db8::1"),
        (f"{CLIENT}, {GATEWAY}", 2, GATEWAY),
        (f"{GATEWAY}", 1, GATEWAY),
        ("", 1, GATEWAY),
        (f"unknown, {GATEWAY}", 1, GATEWAY),
        (f"{CLIENT}:4711, {GATEWAY}", 1, GATEWAY),
        (f"[2001:db8::1], {GATEWAY}", 1, GATEWAY),
        (f"fe80::1%eth0, {GATEWAY}", 1, GATEWAY),
        (f"{CLIENT} , , {GATEWAY}", 1, GATEWAY),
    ],
)
def test_the_address_that_the_outermost_trusted_proxy_was_called_by(forwarded, proxies, found):
    assert client_address(GATEWAY, forwarded, proxies) == found


@pytest.mark.slow
@given(junk, addresses, st.lists(addresses, max_size=3), addresses)
def test_what_a_client_writes_into_the_header_changes_nothing(written, client, ours, gateway):
    """Each trusted proxy appends whom it was called by, API Gateway the last of them."""
    appended = [client, *ours, gateway]
    found = client_address(gateway, ", ".join([written, *appended]), len(ours) + 1)
    assert found == client


@given(junk, addresses)
def test_without_trusted_proxies_the_header_is_not_read(written, gateway):
    assert client_address(gateway, written, 0) == gateway


@pytest.mark.slow
@given(junk, addresses, st.integers(1, 10))
def test_whatever_the_header_holds_the_answer_is_an_address(written, gateway, proxies):
    from ipaddress import ip_address

    assert ip_address(client_address(gateway, written, proxies))


OLD, NEW = "the secret of last year", "the secret of this year"
HASHES = [hashlib.sha256(secret.encode()).hexdigest() for secret in (OLD, NEW)]


@pytest.mark.parametrize(
    ("source_ip", "secret", "expected"),
    [
        (EDGE, OLD, True),
        (EDGE, NEW, True),
        (EDGE, f"{OLD}, {NEW}", False),
        (EDGE, NEW.upper(), False),
        (EDGE, HASHES[0], False),
        (EDGE, "", False),
        ("", NEW, True),
    ],
)
def test_a_proxy_is_known_by_either_secret(source_ip, secret, expected):
    assert is_proxy(source_ip, secret, HASHES, ()) is expected
    assert is_proxy(source_ip, secret, [one.upper() for one in HASHES], ()) is expected


@pytest.mark.parametrize(
    ("source_ip", "expected"),
    [
        ("198.51.100.1", True),
        ("198.51.101.1", False),
        ("2001:db8:1::9", True),
        ("2001:db8:2::9", False),
        ("fe80::1%eth0", False),
        ("198.51.100.1:443", False),
        ("unknown", False),
        ("", False),
    ],
)
def test_a_proxy_is_known_by_its_network(source_ip, expected):
    assert is_proxy(source_ip, "", (), ("198.51.100.0/24", "2001:db8:1::/48")) is expected


@pytest.mark.slow
@given(st.text(max_size=60), st.text(max_size=60))
def test_nobody_is_a_proxy_unless_one_is_known(source_ip, secret):
    assert not is_proxy(source_ip, secret, (), ())
    assert not is_proxy(source_ip, secret, HASHES, ("198.51.100.0/24",)) or secret in {OLD, NEW}
