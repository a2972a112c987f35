"""`rotate_signing_key`: a new key to sign tokens with, without a failed request.

Each rotation makes the key current that the rotation before published, publishes a new next key, and keeps the old key
until its last token has expired.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock
from chalicelib.core.aws.secret_rotation import Rotation
from chalicelib.core.settings import settings
from chalicelib.tokens import jws, signing_keys

if TYPE_CHECKING:
    from chalicelib.tokens.signing_keys import SigningSecret

PUBLISHED_BEFORE = timedelta(hours=24)
"""How long a key is published before it signs. The verifiers that keep keys longest, as far as we know, are API
Gateway's JWT authorizers, with two hours:
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html"""

PUBLISHED_AFTER = timedelta(hours=24)
"""How long a key is published after it signed last: far longer than the 15 minutes of a token and the 5 of our
caches."""

UNFINISHED = timedelta(hours=1)
"""The most time between a rotation's first and last step. The two periods above begin with the first step."""


def rotate_signing_key(event: dict[str, Any]) -> None:
    """Do one step of a rotation, see `secret_rotation.Rotation.step`. A secret without keys gets its first ones."""
    _ROTATION.step(event)


def next_content(secret: SigningSecret) -> SigningSecret:
    """The secret's next content. A next key that has not been published long enough stays the next key.

    A key never changes its algorithm; a new key has the algorithm of the setting. So after a change of the setting, the
    second rotation is the first to sign with the new algorithm, and until then keys of both verify.
    """
    now, made_at = clock.now(), clock.timestamp()
    current, upcoming = secret.get("current"), secret.get("next")
    if not current:
        first, second = (
            signing_keys.generate(settings().signing_alg),
            signing_keys.generate(settings().signing_alg),
        )
        return {"made_at": made_at, "current": first, "next": second, "previous": []}
    previous = [
        key for key in secret.get("previous", []) if clock.parse(key["retired_at"]) > now - PUBLISHED_AFTER
    ]
    if upcoming and clock.parse(upcoming["published_at"]) <= now - PUBLISHED_BEFORE:
        previous = [{**current, "retired_at": made_at}, *previous]
        current, upcoming = upcoming, None
    return {
        "made_at": made_at,
        "current": current,
        "next": upcoming or signing_keys.generate(settings().signing_alg),
        "previous": previous,
    }


def _check(secret: SigningSecret) -> None:
    """Sign with every key, and verify with another's library and the half that is published. Raises what these raise,
    where a key cannot do it."""
    import jwt

    for key in signing_keys.parse(secret).all:
        signed = jws.signed({"sub": "rotation"}, key, "JWT")
        jwt.decode(signed, jwt.PyJWK(key.jwk()), algorithms=[key.alg])


_ROTATION = Rotation(next_content, _check, made_at=lambda secret: secret["made_at"], unfinished=UNFINISHED)
