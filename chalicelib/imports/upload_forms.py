"""The form that a file of a job, or of its retry, is uploaded with.

The key of the upload has a part of 128 random bits, and the job stores a digest of them. So whoever can read the job
does not know the key. An upload is not accepted without that part, after the form has expired, or as the second one.
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
    """The key that a form is for, and the record of it that the job, or its part, stores as `form`."""

    key: str
    record: dict[str, Any]


def new_form(job_id: str, run: str = "") -> Form:
    """A form for the file of a job, or of a retry of it."""
    secret = ids.new_secret(SECRET_BYTES)
    record = {"digest": _digest(secret), "until": clock.epoch() + UPLOAD_SECONDS}
    return Form(upload_key(job_id, secret, run), record)


def fits(record: Mapping[str, Any] | None, secret: str) -> bool:
    """Whether the secret of an object's key is that of the form."""
    return record is not None and hmac.compare_digest(str(record["digest"]), _digest(secret))


def has_expired(record: Mapping[str, Any], at: datetime) -> bool:
    """Whether the form had expired at that moment."""
    return at.timestamp() > int(record["until"])


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
