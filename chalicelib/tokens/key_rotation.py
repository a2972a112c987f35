"""`rotate_signing_key`: a new token-signing key, without one failed request.

Each rotation promotes the key that has been published since the one before, publishes a new one, and keeps the old
one until its last token is dead.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chalicelib.core import clock
from chalicelib.core.aws.secret_rotation import Rotation
from chalicelib.core.settings import settings
from chalicelib.tokens import signing_keys

PUBLISHED_BEFORE = timedelta(hours=24)
"""How long a key is published before it signs. API Gateway's JWT authorizers, the slowest verifiers we know of, keep
keys for two hours: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html"""

KEPT_AFTER = timedelta(hours=24)
"""How long a key is published after it signed last: far above a token's 15 minutes and our caches' 5."""

UNFINISHED = timedelta(hours=1)
"""The most time between a rotation's first and last step: the two periods above count from the first."""


def rotate_signing_key(event: dict[str, Any]) -> None:
    """Do one step of a rotation, see `secret_rotation.Rotation.step`. A secret that holds no key yet gets its first
    ones."""
    _ROTATION.step(event)


def following(secret: dict[str, Any]) -> dict[str, Any]:
    """The secret's next content. Where its next key is not published for long enough yet, that one keeps waiting.

    A key keeps its algorithm for life; the one that is made here has the algorithm of the setting. So a change of it
    reaches the signatures with the second rotation from then on, and the keys of both verify meanwhile.
    """
    now, made_at = clock.now(), clock.timestamp()
    current, upcoming = secret.get("current"), secret.get("next")
    if not current:
        first, second = (
            signing_keys.generate(settings().signing_alg),
            signing_keys.generate(settings().signing_alg),
        )
        return {"made_at": made_at, "current": first, "next": second, "previous": []}
    previous = [key for key in secret.get("previous", []) if clock.parse(key["retired_at"]) > now - KEPT_AFTER]
    if upcoming and clock.parse(upcoming["published_at"]) <= now - PUBLISHED_BEFORE:
        previous = [{**current, "retired_at": made_at}, *previous]
        current, upcoming = upcoming, None
    return {
        "made_at": made_at,
        "current": current,
        "next": upcoming or signing_keys.generate(settings().signing_alg),
        "previous": previous,
    }


def _check(secret: dict[str, Any]) -> None:
    """Raises what signing or verifying raises, where a key cannot do it."""
    import jwt

    for key in signing_keys.parse(secret).all:
        signed = jwt.encode({"sub": "rotation"}, key.private, algorithm=key.alg)
        jwt.decode(signed, jwt.PyJWK(key.jwk()), algorithms=[key.alg])


_ROTATION = Rotation(following, _check, made_at=lambda secret: str(secret["made_at"]), unfinished=UNFINISHED)
