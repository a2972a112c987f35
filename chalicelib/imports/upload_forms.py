"""The form that a file of a job, or of its retry, is uploaded with.

Its key has a part of 128 random bits, of which the job keeps a digest: who reads of a job knows no key, and what comes
without that part, after the form has expired, or second, is not what was asked for.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.core import clock, ids
from chalicelib.imports.model import UPLOAD_SECONDS, upload_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

SECRET_BYTES = 16
"""What must not be guessed has 128 bits (OWASP ASVS 5.0, 11.5.1)."""

EXPIRED = "its file did not come before the form for it had expired"
"""Why a job failed that never had its file."""


class Form(NamedTuple):
    """The key that a form is for, and what the job, or its part, keeps as `form`."""

    key: str
    kept: dict[str, Any]


def new_form(job_id: str, run: str = "") -> Form:
    """A form for the file of a job, or of a retry of it."""
    secret = ids.new_secret(SECRET_BYTES)
    kept = {"digest": _digest(secret), "until": clock.epoch() + UPLOAD_SECONDS}
    return Form(upload_key(job_id, secret, run), kept)


def fits(kept: Mapping[str, Any] | None, secret: str) -> bool:
    """Whether an object's key is that of the form."""
    return kept is not None and hmac.compare_digest(str(kept["digest"]), _digest(secret))


def has_expired(kept: Mapping[str, Any], at: datetime) -> bool:
    """Whether the form was good for nothing any more at that moment."""
    return at.timestamp() > int(kept["until"])


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
