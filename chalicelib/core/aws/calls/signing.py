"""Signature Version 4, in the `Authorization` header.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hmac
import time
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from chalicelib.core.aws.calls.messages import Request


class Keys(Protocol):
    """The credentials of one moment. `token` is that of a session."""

    @property
    def access_key(self) -> str: ...
    @property
    def secret_key(self) -> str: ...
    @property
    def token(self) -> str | None: ...


def sign(request: Request, host: str, path: str, service: str, region: str, keys: Keys, moment: float) -> None:
    """Put the host, the date, the session's token and the signature into the request's headers. All headers that it
    has by now are signed. `moment` is in seconds since 1970; AWS refuses one that is five minutes off."""
    headers = request.headers
    headers.pop("authorization", None)  # of an earlier attempt
    date = headers["x-amz-date"] = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(moment))
    headers["host"] = host
    if keys.token:
        headers["x-amz-security-token"] = keys.token
    digest = sha256(request.body).hexdigest()
    if service == "s3":
        headers["x-amz-content-sha256"] = digest
    names = sorted(headers)
    signed = ";".join(names)
    lines = "".join([f"{name}:{' '.join(headers[name].split())}\n" for name in names])
    canonical = f"{request.method}\n{path}\n{request.query}\n{lines}\n{signed}\n{digest}"
    scope = f"{date[:8]}/{region}/{service}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
    key = _signing_key(keys.secret_key, date[:8], region, service)
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={keys.access_key}/{scope}, SignedHeaders={signed}, Signature={signature}"
    )


@lru_cache(maxsize=16)
def _signing_key(secret: str, day: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
