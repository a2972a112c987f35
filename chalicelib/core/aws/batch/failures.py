"""Classifies errors: whether the same work may succeed later, and the reason for which a record is parked."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from chalicelib.core.errors import RollcallError, Transient

_TRANSIENT_CODES = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "ConcurrentModificationException",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "KMSAccessDenied",
        "KMSThrottling",
        "KMSThrottlingException",
        "KmsAccessDenied",
        "KmsThrottled",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "Throttled",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
        "TransactionConflictException",
        "UnrecognizedClientException",
        "ExpiredTokenException",
    }
)
"""Error codes after which the same call may succeed later. A deployment can add a missing permission."""


def is_transient_code(code: str) -> bool:
    """Whether the same call may succeed later, by its error's code. Also for an entry of a batch: SNS and SQS may name
    the sender at fault even where they throttled it."""
    return code in _TRANSIENT_CODES


def is_transient(error: BaseException) -> bool:
    """Whether the same work may succeed later."""
    if isinstance(error, Transient):
        return True
    if isinstance(error, ClientError):
        code = error.response.get("Error", {}).get("Code", "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code == "TransactionCanceledException":
            reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", [])}
            return bool(reasons & {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
        return is_transient_code(code) or status >= 500
    if isinstance(error, ParamValidationError):
        return False
    return isinstance(error, BotoCoreError | ConnectionError | TimeoutError)


def reason(error: BaseException) -> str:
    """The reason for which a record is parked: our own words, or only the error's class where its text may quote
    data."""
    if isinstance(error, RollcallError):
        return f"{type(error).__name__}: {error.detail}"[:300]
    if isinstance(error, ClientError):
        return f"{type(error).__name__}: {error.response.get('Error', {}).get('Code', 'unknown')}"
    return type(error).__name__
