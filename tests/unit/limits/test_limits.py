"""Whom a client address counts as, and how long the next attempt has to wait."""

from __future__ import annotations

import pytest

from chalicelib.limits import client_network
from chalicelib.limits.password_attempts import wait_after


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("", "unknown"),
        ("203.0.113.7, 10.0.0.1", "unknown"),
    ],
)
def test_ipv6_counts_by_its_64(address, counts_as):
    assert client_network(address) == counts_as


def test_waits_double_after_the_free_attempts_up_to_a_quarter_of_an_hour():
    waits = [wait_after(count) for count in range(18)]
    assert waits == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
