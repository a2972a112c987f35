"""`rotate_app_keys`: another root key, which makes new things from an hour on; every older one stays and verifies.

Before it is current, the keys of isolated purposes that follow from it are where those read them who have no roots.
"""

from __future__ import annotations

import secrets
import string
from datetime import timedelta
from typing import Any

from chalicelib.core import clock
from chalicelib.core.aws.secret_cache import CACHED_SECONDS
from chalicelib.core.aws.secret_rotation import Rotation
from chalicelib.core.crypto import app_keys
from chalicelib.core.errors import Conflict

LENGTH = 64
"""Characters of a root key, as CloudFormation made the first: 381 bits."""

_ALPHABET = string.ascii_letters + string.digits


def rotate_app_keys(event: dict[str, Any]) -> None:
    """Do one step of a rotation, see `core.aws.secret_rotation.Rotation.step`."""
    _ROTATION.step(event)


def following(secret: dict[str, Any]) -> dict[str, Any]:
    """The secret with one more key. Where the newest makes nothing yet, that one keeps waiting, and there is none more.

    Raises Conflict for a secret without any key: the template makes the first one with the stage.
    """
    if not secret:
        raise Conflict("the secret holds no key: nothing that it sealed could be opened")
    newest = max(secret, key=int)
    used_from = app_keys.parse(secret)[newest].used_from
    if used_from is not None and used_from > clock.now():
        return secret
    key = "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))
    return {**secret, str(int(newest) + 1): {"key": key, "made_at": clock.timestamp()}}


def check(secret: dict[str, Any]) -> None:
    """Raises Conflict where keys are too short, the pending version lacks one that is in use, or an isolated purpose
    shows keys of other roots, as another rotation that is under way puts them there."""
    pending = app_keys.parse(secret)
    if not set(app_keys.all_key_ids()) <= pending.keys():
        raise Conflict("a key that is in use would be lost: begin another rotation")
    if any(len(key.secret) < LENGTH for key in pending.values()):
        raise Conflict("a key is too short")
    if any(app_keys.labelled(label) != keys for label, keys in app_keys.isolated(secret).items()):
        raise Conflict("an isolated purpose shows other keys: begin another rotation")


def _made_at(secret: dict[str, Any]) -> str:
    """When its newest key was made: now, where that is published already and only goes on waiting."""
    newest = max(secret, key=int)
    key = secret[newest]
    is_new = isinstance(key, dict) and newest not in app_keys.all_key_ids()
    return str(key["made_at"]) if is_new else clock.timestamp()


_ROTATION = Rotation(
    following=following,
    check=check,
    made_at=_made_at,
    # Every process has to have read the key before it is used, whenever that was published.
    unfinished=app_keys.UNUSED - timedelta(seconds=2 * CACHED_SECONDS),
    beside=app_keys.isolated,
)
