"""`Idempotency-Key`: the same request, sent again, gets the first answer and no second effect.

Kept for 24 hours and scoped to caller and route, after the IETF draft
(https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/). An answer may be about somebody who is
erased the next minute, so it is sealed under a key that only the caller's own key gives: nobody else can read it.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock, wire
from chalicelib.core.aws import clients
from chalicelib.core.aws.dynamo import ConditionFailed, absent
from chalicelib.core.aws.dynamo.conditions import Attr
from chalicelib.core.crypto import app_keys, seals
from chalicelib.core.errors import Conflict, FieldError, Invalid, RollcallError
from chalicelib.core.retention import IDEMPOTENCY_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

RUNNING_SECONDS = 60
"""A claim older than this belongs to a request that died: API Gateway gives up after 29 seconds."""

KEY_LIMIT = 255

ANSWER_BYTES = 380 * 1024
"""Of an answer that is kept, as compact JSON: DynamoDB takes 400 KB an item."""


def once(scope: str, key: str, body: bytes, run: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The answer of `run()`, or of the earlier request with this scope, key and body.

    Raises Invalid for a key that is no short ASCII, as the draft has it, and for one that came with another body;
    Conflict while the first request still runs, and where its answer was too long to be kept.
    """
    if not (1 <= len(key) <= KEY_LIMIT and key.isascii() and key.isprintable()):
        message = f"must have 1 to {KEY_LIMIT} characters of ASCII that can be seen"
        raise Invalid([FieldError(field="Idempotency-Key", message=message)])
    table = clients.table("idempotency")
    record_key = {"id": hashlib.sha256(f"{scope}\n{key}".encode()).hexdigest()}
    body_digest = hashlib.sha256(body).hexdigest()
    claim = {**record_key, "schema": 1, "body": body_digest, "claimed_at": clock.epoch()}
    try:
        table.put(
            {**claim, "expires_at": clock.epoch() + IDEMPOTENCY_SECONDS},
            absent()
            | Attr("expires_at").lte(clock.epoch())
            | (Attr("answer").not_exists() & Attr("claimed_at").lt(clock.epoch() - RUNNING_SECONDS)),
        )
    except ConditionFailed as conflict:
        return _earlier(conflict.item or {}, body_digest, (scope, key))
    try:
        answer = run()
    except RollcallError:
        table.delete(record_key)
        raise
    table.update(record_key, set={"answer": _sealed(answer, (scope, key))})
    return answer


def _earlier(record: dict[str, Any], body_digest: str, named: tuple[str, str]) -> dict[str, Any]:
    if record.get("body") != body_digest:
        raise Invalid([FieldError(field="Idempotency-Key", message="was used before with another body")])
    if "answer" not in record:
        raise Conflict("the first request with this Idempotency-Key is still running")
    if record["answer"] is None:
        raise Conflict("the first request with this Idempotency-Key was done; its answer was too long to be kept")
    return _opened(record["answer"], named)


def _sealed(answer: dict[str, Any], named: tuple[str, str]) -> dict[str, Any] | None:
    """The answer under AES-GCM, by a key of the stage, the caller and the caller's key together; None for one that is
    too long to be kept."""
    key_id = app_keys.current_key_id()
    key = app_keys.mac("idempotency", *named, key_id=key_id)
    plain = wire.to_json(answer).encode()
    if len(plain) > ANSWER_BYTES:
        return None
    return {"key": key_id, "sealed": seals.encrypt(key, plain)}


def _opened(stored: dict[str, Any], named: tuple[str, str]) -> dict[str, Any]:
    key = app_keys.mac("idempotency", *named, key_id=stored["key"])
    answer: dict[str, Any] = json.loads(seals.decrypt(key, stored["sealed"]))
    return answer
