"""The tree of all errors that Rollcall itself raises.

::

    RollcallError
    ├── Refused                 the caller's fault; the same request gets the same answer
    │   ├── Malformed           400  not JSON, or of no shape that we accept
    │   ├── Unauthenticated     401  the caller is not authenticated
    │   │   ├── InvalidToken         the token is not valid, or not any more
    │   │   ├── FactorRequired       the password is right, and a second factor is missing
    │   │   └── StepUpRequired       signed in too long ago for this
    │   ├── Forbidden           403  authenticated, but not allowed
    │   ├── NotFound            404
    │   ├── Conflict            409
    │   ├── Gone                410
    │   ├── PreconditionFailed  412  `If-Match` names another version
    │   ├── TooLarge            413
    │   ├── UnsupportedMedia    415
    │   ├── Invalid             422  valid JSON, invalid content: every wrong field at once
    │   └── TooManyRequests     429  carries `Retry-After`
    └── Transient               nobody's fault; the same work may succeed later
        ├── Postponed               not before a certain time; does not count as a failure
        └── Unavailable         503

`core.http.problems` maps it to problem documents, `core.aws.batch` to "park it" (`Refused`) or "send it again"
(`Transient`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

if TYPE_CHECKING:
    from collections.abc import Sequence


class FieldError(TypedDict):
    """One wrong field: `field` is its path in the document, `message` what is wrong with it."""

    field: str
    message: str
    code: NotRequired[str]
    """What is wrong, for programs: where one says it in words of its own."""
    limit: NotRequired[int]
    """The most or the least that there may be."""


class Unfit(ValueError):
    """A value that breaks a rule which has a code: see FieldError."""

    def __init__(self, message: str, code: str, limit: int | None = None) -> None:
        super().__init__(message)
        self.code, self.limit = code, limit


def field_error(field: str, reason: ValueError) -> FieldError:
    """The error of a field that a rule refused with this reason."""
    error = FieldError(field=field, message=str(reason))
    if isinstance(reason, Unfit):
        error["code"] = reason.code
        if reason.limit is not None:
            error["limit"] = reason.limit
    return error


class RollcallError(Exception):
    """`detail` is shown to the caller: it names what is wrong, and contains no secret and no personal data.

    `members` are further members of its problem document, beside those of RFC 9457.
    """

    status = 500
    title = "Internal error"
    type = "about:blank"

    def __init__(self, detail: str = "", *, headers: dict[str, str] | None = None, **members: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.headers = headers or {}
        self.members = members


class Refused(RollcallError):
    status = 400
    title = "Refused"


class Malformed(Refused):
    status = 400
    title = "Malformed request"


class Unauthenticated(Refused):
    status = 401
    title = "Not signed in"

    def __init__(self, detail: str = "", *, headers: dict[str, str] | None = None, **members: Any) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer", **(headers or {})}, **members)


class InvalidToken(Unauthenticated):
    """RFC 6750, section 3.1. Its `type` names it too, because API Gateway renames `WWW-Authenticate`."""

    type = "invalid-token"

    def __init__(self) -> None:
        super().__init__(
            "the token does not hold, or no longer", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}
        )


class FactorRequired(Unauthenticated):
    """`factors` names those that the person can use: `totp`, `recovery_code`, `passkey`."""

    title = "A second factor is needed"
    type = "factor-required"

    def __init__(self, factors: list[str]) -> None:
        super().__init__(f"send one of {', '.join(factors)} too", factors=factors)


class StepUpRequired(Unauthenticated):
    """RFC 9470: the token is valid, but its holder signed in too long ago, or with too few factors. `acr_values` are
    the levels of which one is needed, where an application asks for one."""

    title = "Prove again who you are"
    type = "step-up-required"

    def __init__(
        self,
        max_age: int,
        *,
        oauth_client: bool = False,
        second_factor: bool = False,
        acr_values: Sequence[str] = (),
    ) -> None:
        challenge = f'Bearer error="insufficient_user_authentication", max_age={max_age}'
        members = {"acr_values": list(acr_values)} if acr_values else {}
        if acr_values:
            challenge += f', acr_values="{" ".join(acr_values)}"'
        detail = "authenticate at POST /sessions/current/step-up first"
        if oauth_client:
            detail = f"get a new token at POST /oauth2/token first: this one is above {max_age} seconds old"
        elif second_factor:
            detail = (
                "authenticate with a second factor at POST /sessions/current/step-up first; who has none enrols one "
                "at POST /me/totp or POST /me/passkeys/options"
            )
        super().__init__(detail, headers={"WWW-Authenticate": challenge}, **members)


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
        super().__init__(detail or "; ".join(f"{e['field']}: {e['message']}" for e in errors[:3]), errors=errors)
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


class Postponed(Transient):
    """The work cannot succeed before `seconds` from now. Waiting for that does not count as a failed attempt."""

    def __init__(self, seconds: int, detail: str = "") -> None:
        super().__init__(detail)
        self.seconds = seconds


class Unavailable(Transient):
    title = "Temporarily unavailable"
