"""A client's secrets: which of them is alive when, and what is kept and shown of them."""

from __future__ import annotations

import hashlib

import pytest

from chalicelib.core import clock
from chalicelib.oauth import model

pytestmark = pytest.mark.usefixtures("held_clock")


@pytest.fixture
def made():
    return model.new_client("billing", ["service", "audit", "service"])


def test_a_secret_has_256_bits_and_only_its_hash_is_kept(made):
    client, secret = made
    assert secret.startswith("rcs_")
    assert len(secret) == 4 + 43
    assert secret not in str(client)
    assert client["secrets"] == [{"number": 1, "digest": hashlib.sha256(secret.encode()).hexdigest()}]
    assert client["roles"] == ["audit", "service"]


def test_no_two_clients_are_alike(made):
    (one, first), (other, second) = made, model.new_client("billing", ["service"])
    assert one["id"] != other["id"]
    assert first != second


def test_the_secret_proves_the_client_and_nothing_else_does(made):
    client, secret = made
    assert model.number_of(client, secret) == 1
    for wrong in ("", secret[:-1], secret + "x", secret.upper(), client["secrets"][0]["digest"], "0" * 64):
        assert model.number_of(client, wrong) is None
    assert model.number_of(None, secret) is None


@pytest.mark.parametrize(
    ("grace", "after", "alive"),
    [(0, 0, False), (1, 0, True), (60, 59, True), (60, 60, False), (86400, 86399, True)],
)
def test_a_rotated_secret_lives_for_its_grace(made, grace, after, alive):
    client, old = made
    client, new = model.rotated(client, grace)
    clock.tick(seconds=after)
    assert model.number_of(client, old) == (1 if alive else None)
    assert model.still_holds(client, 1) is alive
    assert model.number_of(client, new) == 2
    assert model.still_holds(client, 2)


def test_two_rotations_leave_the_last_two_secrets_at_most(made):
    client, first = made
    client, second = model.rotated(client, 86400)
    client, third = model.rotated(client, 86400)
    assert [model.number_of(client, secret) for secret in (first, second, third)] == [None, 2, 3]
    client, fourth = model.rotated(client, 0)
    assert [model.number_of(client, secret) for secret in (second, third, fourth)] == [None, None, 4]
    assert len(client["secrets"]) == 1


def test_what_is_shown_is_what_the_lists_index_holds(made):
    from infra.tables import SPECS

    client, secret = made
    client, newer = model.rotated(client, 600)
    shown = model.view(client)
    assert shown["previous_valid_until"] == "2026-03-01T12:10:00.000Z"
    assert not [value for value in (secret, newer, "digest") if value in str(shown)]
    (spec,) = [spec for spec in SPECS if spec.name == "credentials"]
    (index,) = spec.indexes
    assert index.projection == model.LISTED
    listed = {name: client[name] for name in ("id", "kind", *model.LISTED)}
    assert model.view(listed) == shown
    clock.tick(seconds=600)
    assert model.view(client)["previous_valid_until"] is None
