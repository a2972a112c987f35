"""Authenticated messages: documents that only this stage can have written, on a queue that others may send to as well.

A MAC over the whole document, under a key of its own purpose, is one more member of it. Somebody who may send to the
queue but does not have `app-keys` can repeat such a document, and can neither make nor change one.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

from chalicelib.core import wire
from chalicelib.core.crypto import app_keys
from chalicelib.core.errors import Malformed
from chalicelib.core.ids import base64url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.core.crypto.app_keys import Purpose

MAC = "mac"
"""The member: the number of the key, a full stop, and HMAC-SHA256 in base64url."""


def vouched(purpose: Purpose, document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with its MAC, under the current key."""
    key_id = app_keys.current_key_id()
    return {**document, MAC: f"{key_id}.{_mac(purpose, document, key_id)}"}


def checked(purpose: Purpose, document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without its MAC. Raises Malformed where the MAC is missing, of another document or purpose, or under
    a key that the stage never had."""
    member = document.get(MAC)
    bare = {name: value for name, value in document.items() if name != MAC}
    key_id, _, mac = member.partition(".") if isinstance(member, str) else ("", "", "")
    try:
        expected = _mac(purpose, bare, key_id)
    except KeyError:
        expected = ""
    if not expected or not hmac.compare_digest(expected.encode(), mac.encode(errors="replace")):
        raise Malformed("the message asks for what only this stage itself may ask for")
    return bare


def _mac(purpose: Purpose, document: Mapping[str, Any], key_id: str) -> str:
    """The MAC over the document as JSON with sorted members, so that equal documents have equal MACs."""
    return base64url(app_keys.mac(purpose, wire.canonical(document), key_id=key_id))
