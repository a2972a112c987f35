"""Signatures, checked by the library that receivers use."""

from __future__ import annotations

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from chalicelib.core.outbound.signatures import signed_headers
from chalicelib.webhooks.secrets import new_secret


def key_of(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix("whsec_"))


def test_a_secret_is_as_the_standard_wants_it():
    made = {new_secret() for _ in range(100)}
    assert len(made) == 100
    for secret in made:
        assert secret.startswith("whsec_")
        assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) <= 64


@given(st.text().map(lambda text: text.encode()), st.text("ABCDEFGHJKMNPQRSTVWXYZ0123456789", min_size=1))
def test_any_payload_is_accepted(payload, message_id):
    secret = new_secret()
    headers = signed_headers(message_id, int(time.time()), payload, [key_of(secret)])
    Webhook(secret).verify(payload, headers, json_parse=False)


def test_while_a_secret_is_rotated_receivers_with_either_accept():
    old, new = new_secret(), new_secret()
    headers = signed_headers("M1", int(time.time()), b"{}", [key_of(new), key_of(old)])
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (old, new):
        assert Webhook(secret).verify(b"{}", headers) == {}


@pytest.mark.parametrize("change", ["body", "webhook-id", "webhook-timestamp", "secret"])
def test_whatever_is_changed_is_refused(change):
    secret = new_secret()
    headers = signed_headers("M1", int(time.time()), b"{}", [key_of(secret)])
    body = b"{ }" if change == "body" else b"{}"
    if change in headers:
        headers[change] = "M2" if change == "webhook-id" else str(int(time.time()) - 1)
    receiver = Webhook(new_secret() if change == "secret" else secret)
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        receiver.verify(body, headers)


def test_an_old_attempt_is_refused():
    secret = new_secret()
    headers = signed_headers("M1", int(time.time()) - 301, b"{}", [key_of(secret)])
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(secret).verify(b"{}", headers)
