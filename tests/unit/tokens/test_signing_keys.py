"""How long a process goes on with the keys that it read, and when it looks again."""

from __future__ import annotations

import json

import pytest

from chalicelib.core import clock
from chalicelib.core.errors import Unavailable
from chalicelib.tokens import signing_keys

pytestmark = pytest.mark.usefixtures("held_clock")

MADE = {alg: signing_keys.generate(alg) for alg in ("RS256", "ES256")}


class Secret:
    """A secret's text that counts its readings."""

    def __init__(self, **content) -> None:
        self.content = content
        self.readings = 0

    def read(self) -> str:
        self.readings += 1
        return json.dumps(self.content)


def a_key(kid: str, alg: str = "ES256") -> dict[str, str]:
    return {**MADE[alg], "kid": kid}


def test_keys_are_read_once_in_five_minutes():
    secret = Secret(current=a_key("one"))
    keyring = signing_keys.Keyring(secret.read)
    for _ in range(30):
        assert keyring.current().kid == "one"
        clock.tick(seconds=10)
    assert secret.readings == 1
    secret.content = {"current": a_key("two")}
    assert keyring.current().kid == "two"
    assert secret.readings == 2


def test_an_unknown_key_is_looked_for_again_but_not_for_every_forged_token():
    secret = Secret(current=a_key("one"))
    keyring = signing_keys.Keyring(secret.read)
    assert keyring.find("one")
    secret.content["next"] = a_key("two")
    for _ in range(50):
        assert keyring.find("forged") is None
    assert secret.readings == 1
    clock.tick(seconds=10)
    assert keyring.find("two")
    assert keyring.find("forged") is None
    assert secret.readings == 2


def test_every_key_of_the_secret_is_published():
    keyring = signing_keys.Keyring(Secret(current=a_key("b"), next=a_key("c"), previous=[a_key("a")]).read)
    assert {key.kid for key in keyring.published()} == {"a", "b", "c"}


@pytest.mark.parametrize("content", [{}, {"current": None}])
def test_a_stage_without_keys_is_not_ready_yet(content):
    with pytest.raises(Unavailable, match="has no signing key yet"):
        signing_keys.Keyring(Secret(**content).read).current()


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_a_published_key_says_nothing_but_its_public_half(alg):
    private = signing_keys.parse({"current": MADE[alg]}).current
    members = {"RS256": {"kty", "n", "e"}, "ES256": {"kty", "crv", "x", "y"}}[alg]
    assert private.jwk().keys() == members | {"kid", "alg", "use"}


def test_an_id_is_the_keys_thumbprint():
    from jwt.utils import base64url_encode

    assert signing_keys.generate("ES256")["kid"] != signing_keys.generate("ES256")["kid"]
    assert len(MADE["RS256"]["kid"]) == len(base64url_encode(b"x" * 32))
