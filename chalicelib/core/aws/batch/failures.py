"""Classifies errors: whether the same work may succeed later, and the reason for which a record is parked."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from chalicelib.core.errors import RollcallError, Transient

_THROTTLES = frozenset(
    {
        "KMSThrottling",
        "KMSThrottlingException",
        "KmsThrottled",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "Throttled",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""Error codes of a service that gets more than it takes."""

_THROTTLED_ACTIONS = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError"})
"""Why a transaction was cancelled, likewise, of provisioned and of on-demand tables. Its error is then no throttle but
a TransactionCanceledException, which no client of AWS tries again:
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html#API_TransactWriteItems_Errors"""

_TRANSIENT_CODES = _THROTTLES | frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "ConcurrentModificationException",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "KMSAccessDenied",
        "KmsAccessDenied",
        "RequestTimeout",
        "ServiceUnavailable",
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


def is_throttle(error: ClientError) -> bool:
    """Whether the same call may succeed later, and had better come later: AWS gets more than it takes."""
    code = error.response.get("Error", {}).get("Code", "")
    return code in _THROTTLES or not _THROTTLED_ACTIONS.isdisjoint(_cancellations(error))


def is_transient(error: BaseException) -> bool:
    """Whether the same work may succeed later."""
    if isinstance(error, Transient):
        return True
    if isinstance(error, ClientError):
        code = error.response.get("Error", {}).get("Code", "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code == "TransactionCanceledException":
            reasons = _cancellations(error)
            return bool(reasons & {"TransactionConflict", *_THROTTLED_ACTIONS})
        return is_transient_code(code) or status >= 500
    if isinstance(error, ParamValidationError):
        return False
    return isinstance(error, BotoCoreError | ConnectionError | TimeoutError)


def _cancellations(error: ClientError) -> set[str | None]:
    """Why a transaction was cancelled, by the reasons of its actions; empty for any other error."""
    return {reason.get("Code") for reason in error.response.get("CancellationReasons", [])}


def reason(error: BaseException) -> str:
    """The reason for which a record is parked: our own words, or only the error's class where its text may quote
    data."""
    if isinstance(error, RollcallError):
        return f"{type(error).__name__}: {error.detail}"[:300]
    if isinstance(error, ClientError):
        return f"{type(error).__name__}: {error.response.get('Error', {}).get('Code', 'unknown')}"
    return type(error).__name__
