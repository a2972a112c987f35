"""The tree of everything that Rollcall itself raises.

::

    RollcallError
    ├── Refused                 the asker's fault; the same question gets the same answer
    │   ├── Malformed           400  not JSON, or not the shape of anything we know
    │   ├── Unauthenticated     401  no token, or none that holds
    │   ├── Forbidden           403  known, but not allowed
    │   ├── NotFound            404
    │   ├── Conflict            409
    │   ├── Gone                410
    │   ├── PreconditionFailed  412  `If-Match` names another version
    │   ├── TooLarge            413
    │   ├── UnsupportedMedia    415
    │   ├── Invalid             422  valid JSON, invalid content: every wrong field at once
    │   └── TooManyRequests     429  carries `Retry-After`
    └── Transient               nobody's fault; the same work may succeed later
        └── Unavailable         503

`core.http` maps it to problem documents, `core.batch` to "park it" (`Refused`) or "send it again" (`Transient`).
"""

from __future__ import annotations

from typing import TypedDict


class FieldError(TypedDict):
    """One wrong field: `field` is its path in the document, `message` what is wrong with it."""

    field: str
    message: str


class RollcallError(Exception):
    """`detail` is shown to whoever asked: it names what is wrong, and holds no secret and no personal data."""

    status = 500
    title = "Internal error"
    type = "about:blank"

    def __init__(self, detail: str = "", *, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.headers = headers or {}


class Refused(RollcallError):
    status = 400
    title = "Refused"


class Malformed(Refused):
    status = 400
    title = "Malformed request"


class Unauthenticated(Refused):
    status = 401
    title = "Not signed in"

    def __init__(self, detail: str = "", *, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer", **(headers or {})})


class Forbidden(Refused):
    status = 403
    title = "Not allowed"


class NotFound(Refused):
    status = 404
    title = "Not found"


class Conflict(Refused):
    status = 409
    title = "Conflict"


class Gone(Refused):
    status = 410
    title = "Gone"


class PreconditionFailed(Refused):
    status = 412
    title = "Precondition failed"


class TooLarge(Refused):
    status = 413
    title = "Too large"


class UnsupportedMedia(Refused):
    status = 415
    title = "Unsupported media type"


class Invalid(Refused):
    """`errors` names every wrong field at once."""

    status = 422
    title = "Invalid content"

    def __init__(self, errors: list[FieldError], detail: str = "") -> None:
        super().__init__(detail or "; ".join(f"{e['field']}: {e['message']}" for e in errors[:3]))
        self.errors = errors


class TooManyRequests(Refused):
    """`retry_after` is in whole seconds."""

    status = 429
    title = "Too many requests"

    def __init__(self, retry_after: int, detail: str = "") -> None:
        super().__init__(detail, headers={"Retry-After": str(max(1, retry_after))})
        self.retry_after = retry_after


class Transient(RollcallError):
    status = 503
    title = "Try again"


class Unavailable(Transient):
    title = "Temporarily unavailable"
