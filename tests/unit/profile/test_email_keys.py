"""Which addresses are one and the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.profile.email_keys import check, email_key

SAME = [
    ("ada@maths.example", "ADA@Maths.Example"),
    ("jos\u00e9@maths.example", "jose\u0301@maths.example"),
    ("JOS\u00c9@maths.example", "jos\u00e9@maths.example"),
    ("ada@b\u00fccher.example", "ada@xn--bcher-kva.example"),
    ("ada@B\u00dcCHER.example", "ada@XN--BCHER-KVA.EXAMPLE"),
    ("ada@maths\uff0eexample", "ada@maths.example"),
]
DIFFERENT = [
    ("ada@maths.example", "a.da@maths.example"),
    ("ada@maths.example", "ada+news@maths.example"),
    ("ada@maths.example", "ada@math.example"),
    ("ada@stra\u00dfe.example", "ada@strasse.example"),
    ("mo\u00df@maths.example", "moss@maths.example"),
    ("i\u0307da@maths.example", "ida@maths.example"),
    ("\u0131da@maths.example", "ida@maths.example"),
    ("\ufb01ona@maths.example", "fiona@maths.example"),
    ("\u017fam@maths.example", "sam@maths.example"),
    ("ada@m\u0131lk.example", "ada@milk.example"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_address_share_their_key(one, other):
    assert email_key(one) == email_key(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_only_the_mailbox_server_knows_to_be_one_stays_two(one, other):
    assert email_key(one) != email_key(other)


@pytest.mark.parametrize("domain", ["example", "example.com", "maths.example", "x.test", "test", "localhost"])
def test_people_may_try_with_reserved_domains(domain):
    address = f"ada@{domain}"
    if "." in domain or domain == "localhost":
        assert check(address) == address
    else:
        with pytest.raises(ValueError, match=r"^is not an email address$"):
            check(address)


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "",
        "ada",
        "ada@",
        "@maths.example",
        "ada@maths",
        "ada@@maths.example",
        "ada@[127.0.0.1]",
        "Ada <ada@maths.example>",
        '"a b"@maths.example',
        "ada@maths..example",
        "ada\n@maths.example",
        "ada\ud800@maths.example",
        "ada@" + "m" * 300 + ".example",
        "\u212aelvin@maths.example",
        " ada@maths.example",
        "ada@maths.example.",
    ],
)
def test_what_is_no_address_is_refused_and_not_quoted(value):
    with pytest.raises(ValueError, match=r"^is not an email address$"):
        check(value)


@pytest.mark.parametrize(
    "value",
    [
        "j\u00f6rg@example.com",
        "\u5f20@example.com",
        "\uff41da@maths.example",
        "a" * 65 + "@example.com",
        "ada@" + "m" * 64 + ".example",
        "ada@-maths.example",
        ".ada@maths.example",
        "a..da@maths.example",
        '"ada"@maths.example',
        "ada@ma_ths.example",
        "ada@192.0.2.1",
        "ada@mail.local",
    ],
)
def test_what_mail_cannot_reach_is_refused(value):
    with pytest.raises(ValueError, match="is not an email address"):
        check(value)


def test_the_longest_that_mail_reaches_is_taken():
    longest = "a" * 64 + "@example.com"
    assert check(longest) == longest


LOCAL_PARTS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12)


@pytest.mark.slow
@given(LOCAL_PARTS)
def test_a_key_does_not_depend_on_case_or_form(local):
    try:
        address = check(f"{local}@maths.example")
    except ValueError:
        return
    key = email_key(address)
    assert email_key(f"{local}@maths.example") == key
    assert email_key(key) == key
