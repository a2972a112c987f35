"""Why somebody did not come in from elsewhere: a word for the page, and a problem document for programs."""

from __future__ import annotations

from typing import Literal

from chalicelib.connections.faults import ProviderDown, ProviderFault
from chalicelib.core.errors import Invalid, NotFound, Refused, RollcallError, TooManyRequests

Reason = Literal[
    "begun-elsewhere",
    "cancelled",
    "connection-disabled",
    "connection-required",
    "disabled",
    "expired",
    "identity-taken",
    "not-allowed",
    "provider-error",
    "registration-closed",
    "session-ended",
    "too-many-identities",
]
"""What a page tells in words of its own. `page_reason` has further ones."""


class SignInFailed(Refused):
    """The sign-in came to nothing, and has to begin anew. `reason` says why, in a word."""

    title = "The sign-in did not come to its end"
    type = "connection-failed"

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail, reason=reason)
        self.reason = reason
        self.status = _STATUSES.get(reason, 403)


_STATUSES = {
    "cancelled": 400,
    "expired": 410,
    "identity-taken": 409,
    "provider-error": 400,
    "session-ended": 410,
    "too-many-identities": 409,
}
"""The status of a problem document; 403 of the others, who may not come."""


def page_reason(error: RollcallError) -> str:
    """The word for any error, by which the page of sign-in says what happened."""
    if isinstance(error, SignInFailed):
        return error.reason
    words: list[tuple[type[RollcallError], str]] = [
        (ProviderDown, "provider-down"),
        (ProviderFault, "provider-fault"),
        (TooManyRequests, "too-many"),
        (NotFound, "unknown-connection"),
        (Invalid, "invalid-request"),
    ]
    return next((word for kind, word in words if isinstance(error, kind)), "failed")
