"""Which addresses may be reached in somebody else's name."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.outbound.ip_addresses import denied

INSIDE = """
0.0.0.0 0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 127.0.0.1 127.255.255.255
169.254.0.1 169.254.169.254 169.254.170.2 172.16.0.0 172.31.255.255 192.0.0.8 192.0.0.170 192.0.2.1 192.88.99.1
192.168.0.0 192.168.255.255 198.18.0.0 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255
240.0.0.1 255.255.255.255
:: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:a9fe:a9fe 64:ff9b::a9fe:a9fe 64:ff9b::8.8.8.8
64:ff9b:1::1 100::1 100:0:0:1::1 2001::1 2001:0:1:2::3 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1::
2002:a9fe:a9fe::1 3fff::1 4000::1 5f00::1 fc00::1 fd00:ec2::254 fdff::1 fe80::1 fe80::1%eth0 febf::1 fec0::1
ff02::1 ff0e::1
"""

OUTSIDE = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 172.15.255.255
172.32.0.0 192.0.1.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255
2606:4700:4700::1111 2a00:1450:4001:80b::200e 2001:4860:4860::8888 2003::1 2000::1
"""


@pytest.mark.parametrize("address", INSIDE.split())
def test_what_leads_inside_is_denied(address):
    assert denied(address)


@pytest.mark.parametrize("address", OUTSIDE.split())
def test_the_public_internet_is_not(address):
    assert denied(address) == ""


@pytest.mark.parametrize("address", INSIDE.split())
def test_on_a_local_stage_loopback_alone_opens(address):
    assert (denied(address, allow_loopback=True) == "") == (address.startswith("127.") or address == "::1")


@given(st.ip_addresses())
def test_nothing_that_python_calls_private_passes(address):
    known = not address.is_global or address.is_multicast or address.is_reserved
    assert bool(denied(str(address))) or not known


@given(st.ip_addresses(v=4))
def test_no_ipv4_address_passes_in_the_clothes_of_ipv6(address):
    mapped = ipaddress.IPv6Address(f"::ffff:{address}")
    translated = ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + int(address))
    tunnelled = ipaddress.IPv6Address((0x2002 << 112) + (int(address) << 80))
    assert all(denied(str(dressed)) for dressed in (mapped, translated, tunnelled))
