"""Plain addresses take a short way, on which the rules are email-validator's still."""

from __future__ import annotations

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.core.email_addresses import PLAIN, parsed

LOCAL = st.text("abAB1.+-'\"@ _!\u00e9", min_size=0, max_size=8)
LABEL = st.text("abAB1-_\u00e9.", min_size=0, max_size=6)
DOMAIN = st.tuples(
    LABEL, st.sampled_from(["", ".com", ".COM", ".example", ".local", ".invalid", ".1", ".c-", ".test"])
)
ADDRESS = st.tuples(st.one_of(LOCAL, st.sampled_from(["Info", "POSTMASTER", "info.x"])), DOMAIN.map("".join)).map(
    "@".join
)


def verdict(address: str) -> tuple[str, str, str] | None:
    """What the library itself says: the parts, or None where it refuses the address."""
    try:
        parts = validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return None
    return parts.local_part, parts.domain, parts.ascii_domain


@given(ADDRESS)
@example("Postmaster@Maths.Example")
@example(f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 59}.com")
@example(f"a@{'b' * 64}.com")
@example("a@xn--bcher-kva.example")
@example("a@XN--bcher-kva.example")
@example("a@ab--c.example")
@example("a@-b.example")
@example("a@b..example")
@example("a@x.onion")
@example("a@maths.example\n")
def test_an_address_is_what_the_library_says_of_it(address):
    wanted = verdict(address)
    if wanted is None:
        with pytest.raises(ValueError, match=r"^is not an email address$"):
            parsed(address)
    else:
        assert parsed(address) == wanted


def test_plain_addresses_are_the_usual_ones():
    assert PLAIN.fullmatch("Ada.Lovelace+news@mail.maths.example")
    assert not PLAIN.fullmatch("ad\u00e1@maths.example")
