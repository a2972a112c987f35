"""The shapes in which a mail can be asked for, and the addresses that SES takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.errors import Invalid
from chalicelib.mail.model import (
    MAILED_EVENTS,
    MARKS,
    address_digest,
    mail_id,
    plain,
    requested,
    sendable_address,
)

REQUEST = {"template": "password_reset", "to": "ann@example.com", "key": "I1", "data": {"intent_id": "I1"}}
PLAIN = {"to": "ann@example.com", "subject": "Hello", "body": "Text"}


def test_a_request_again_is_the_same_mail():
    assert requested(REQUEST) == requested(dict(REQUEST))


def test_every_mail_of_an_event_is_of_something_that_a_record_says():
    """A sign-in is a record of its own."""
    assert {*MARKS, "new_device"} == set(MAILED_EVENTS.values())


def test_another_template_with_the_same_key_is_another_mail():
    assert requested(REQUEST).id != requested({**REQUEST, "template": "confirm_registration"}).id


@given(st.text(min_size=1), st.text(min_size=1))
def test_ids_tell_keys_apart(one, other):
    assert (mail_id("event", one) == mail_id("event", other)) == (one == other)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"template": "unknown"}, ["template"]),
        ({"template": "../secrets"}, ["template"]),
        ({"to": 7}, ["to"]),
        ({"to": ""}, ["to"]),
        ({"key": None}, ["key"]),
        ({"expires_at": "tomorrow"}, ["expires_at"]),
        ({"expires_at": True}, ["expires_at"]),
        ({"data": []}, ["data"]),
        ({"locale": {}}, ["locale"]),
        ({"template": None, "to": None, "key": ""}, ["template", "template", "to", "key"]),
    ],
)
def test_every_wrong_field_of_a_request_is_named(change, wrong):
    with pytest.raises(Invalid) as refused:
        requested({**REQUEST, **change})
    assert [error["field"] for error in refused.value.errors] == wrong


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"subject": ""}, "subject"),
        ({"subject": " \r\n"}, "subject"),
        ({"subject": "x" * 501}, "subject"),
        ({"body": None}, "body"),
        ({"body": "x" * 200_001}, "body"),
        ({"id": 5}, "id"),
        ({"bcc": "eve@example.com"}, "bcc"),
    ],
)
def test_every_wrong_field_of_a_plain_mail_is_named(change, wrong):
    with pytest.raises(Invalid) as refused:
        plain({**PLAIN, **change}, "M1")
    assert [error["field"] for error in refused.value.errors] == [wrong]


def test_a_request_may_leave_the_address_to_the_person():
    without = {name: value for name, value in REQUEST.items() if name != "to"}
    assert requested({**without, "user_id": "U1"}).to == ""


def test_a_plain_mail_is_one_per_message_unless_it_brings_an_id():
    assert plain(PLAIN, "M1").id == plain(PLAIN, "M1").id != plain(PLAIN, "M2").id
    named = {**PLAIN, "id": "invoice-7"}
    assert plain(named, "M1").id == plain(named, "M2").id != plain({**PLAIN, "id": "invoice-8"}, "M1").id


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("ann@example.com", "ann@example.com"),
        ("Ann.O'Neil+x@Example.COM", "Ann.O'Neil+x@Example.COM"),
        ("ann@localhost", "ann@localhost"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@例え.テスト", "ann@xn--r8jz45g.xn--zckzah"),
    ],
)
def test_an_address_as_ses_takes_it(given, taken):
    assert sendable_address(given) == taken


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "@example.com",
        "ann@",
        "ann@-x.example",
        "ann@exa mple.com",
        "ann@example.com\r\nBcc: eve@example.com",
        "ann@example.com, eve@example.com",
        "Ann <ann@example.com>",
        "ännchen@example.com",
        "ann@" + "x" * 64 + ".com",
        "ann@\u2488.example",
    ],
)
def test_what_ses_cannot_send_to(text):
    with pytest.raises(Invalid, match="not an email address"):
        sendable_address(text)


@pytest.mark.parametrize(
    "spelling",
    [
        "READER@B\u00dccher.example",
        "Reader Example <reader@b\u00fccher.example>",
        '"Example, Reader" <reader@xn--bcher-kva.example>',
        "<reader@xn--bcher-kva.example>",
        " reader@xn--bcher-kva.example\t",
        "reader@xn--bcher-kva.example.",
        "<reader@b\u00fccher.example.> ",
        "reader@xn--bcher-kva.example (Reader)",
        '"reader"@xn--bcher-kva.example',
        "reader@bu\u0308cher.example",
    ],
)
def test_a_digest_is_the_same_for_every_spelling(spelling):
    assert address_digest(spelling) == address_digest("reader@xn--bcher-kva.example")


@pytest.mark.parametrize("strange", ["", "@", "<>", "\ud800@x", "a@" + "\u2488" * 300, "<<@>>"])
def test_there_is_a_digest_of_whatever_is_told(strange):
    assert len(address_digest(strange)) == 64


def test_a_digest_overlooks_capitals():
    assert (
        address_digest("Ann@Example.com") == address_digest("ann@example.COM") != address_digest("bob@example.com")
    )
