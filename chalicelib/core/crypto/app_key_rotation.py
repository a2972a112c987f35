"""`rotate_app_keys`: one more root key, which is used for new MACs and seals after an hour. Every older key stays, and
verifies and opens what it made.

Before the new root is used, the keys of isolated purposes that derive from it are stored for those who may not read the
roots.
"""

from __future__ import annotations

import secrets
import string
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock
from chalicelib.core.aws.secret_cache import CACHED_SECONDS
from chalicelib.core.aws.secret_rotation import Rotation
from chalicelib.core.crypto import app_keys
from chalicelib.core.errors import Conflict

if TYPE_CHECKING:
    from chalicelib.core.crypto.app_keys import AppKeys

LENGTH = 64
"""Characters of a root key, as many as of the first one, which CloudFormation makes: 381 bits."""

_ALPHABET = string.ascii_letters + string.digits


def rotate_app_keys(event: dict[str, Any]) -> None:
    """Do one step of a rotation, see `core.aws.secret_rotation.Rotation.step`."""
    _ROTATION.step(event)


def next_content(secret: AppKeys) -> AppKeys:
    """The secret with one more key. Where the newest key is not used yet, the secret stays as it is.

    Raises Conflict for a secret without any key: the template creates the first one with the stage.
    """
    if not secret:
        raise Conflict("the secret holds no key: nothing that it sealed could be opened")
    newest = max(secret, key=int)
    used_from = app_keys.parse(secret)[newest].used_from
    if used_from is not None and used_from > clock.now():
        return secret
    key = "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))
    return {**secret, str(int(newest) + 1): {"key": key, "made_at": clock.timestamp()}}


def check(secret: AppKeys) -> None:
    """Raise Conflict where a key is too short, the pending version lacks a key that is in use, or an isolated purpose
    has keys of other roots, which another rotation has stored at the same time."""
    pending = app_keys.parse(secret)
    if not set(app_keys.all_key_ids()) <= pending.keys():
        raise Conflict("a key that is in use would be lost: begin another rotation")
    if any(len(key.secret) < LENGTH for key in pending.values()):
        raise Conflict("a key is too short")
    if any(app_keys.labelled(label) != keys for label, keys in app_keys.isolated(secret).items()):
        raise Conflict("an isolated purpose shows other keys: begin another rotation")


def _made_at(secret: AppKeys) -> str:
    """When the newest key was made; now, where it is published already and only waits to be used."""
    newest = max(secret, key=int)
    key = secret[newest]
    if isinstance(key, str) or newest in app_keys.all_key_ids():
        return clock.timestamp()
    return key["made_at"]


_ROTATION = Rotation(
    next_content=next_content,
    check=check,
    made_at=_made_at,
    # Every process must have read the key before it is used, also where it was published in a rotation's last step.
    unfinished=app_keys.UNUSED - timedelta(seconds=2 * CACHED_SECONDS),
    beside=app_keys.isolated,
)
