"""An endpoint of the owner's own, which answers for any system. docs/moving/first-sign-in.md has its contract.

The request is signed as webhooks are (`core.outbound.signatures`), so that nobody else can try passwords there.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock, ids, wire
from chalicelib.core.errors import Malformed
from chalicelib.core.outbound.signatures import signed_headers
from chalicelib.migration.verdicts import WRONG, NoVerdict, OldSystemDown, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.core.old_system import OldSystem
    from chalicelib.core.outbound.safe_http import Answer
    from chalicelib.migration.verdicts import Question

PREFIX = "whsec_"
SECRET_BYTES = range(24, 65)
"""What Standard Webhooks asks for."""

MEMBERS = ("id", "email", "email_verified", "name", "birthdate", "locale", "attributes")
"""What the endpoint may say of a person."""

FACTOR = re.compile(r"[a-z0-9_-]{1,40}")
FACTORS_LIMIT = 10


def request(_system: OldSystem, secret: str, question: Question) -> tuple[Mapping[str, str], bytes]:
    """The headers and the body of the POST that asks. Raises OldSystemDown where the secret can sign nothing."""
    asked = {"email": question.email, "password": question.password, "user_id": question.user_id or None}
    body = wire.to_json(asked).encode()
    headers = signed_headers(ids.new_id(), clock.epoch(), body, [_key(secret)])
    return {"Content-Type": "application/json", **headers}, body


def verdict(answer: Answer) -> Verdict:
    """What the answer says. Raises NoVerdict."""
    if answer.status != 200:
        raise NoVerdict(f"the endpoint answered with status {answer.status}")
    try:
        document = wire.from_json(answer.body, "the endpoint's answer")
    except Malformed as error:
        raise NoVerdict(error.detail) from error
    is_right = document.get("valid") if isinstance(document, dict) else None
    if not isinstance(is_right, bool):
        raise NoVerdict("the endpoint's answer has no `valid` that is true or false")
    return Verdict(is_right=True, person=_person(document), factors=_factors(document)) if is_right else WRONG


def _person(document: Mapping[str, Any]) -> dict[str, Any]:
    person = document.get("person")
    return {name: person[name] for name in MEMBERS if name in person} if isinstance(person, dict) else {}


def _factors(document: Mapping[str, Any]) -> tuple[str, ...]:
    factors = document.get("second_factors")
    listed = factors[:FACTORS_LIMIT] if isinstance(factors, list) else []
    return tuple(each for each in listed if isinstance(each, str) and FACTOR.fullmatch(each))


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if not secret.startswith(PREFIX) or len(key) not in SECRET_BYTES:
        raise OldSystemDown("the secret migration is not whsec_ and the base64 of 24 to 64 bytes")
    return key
