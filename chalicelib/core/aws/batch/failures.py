"""Whether the same work may succeed later, and why a record was parked, by the error that it raised."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from chalicelib.core.errors import RollcallError, Transient

_COMES_AGAIN = frozenset(
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
"""Error codes under which the same call may succeed later; a missing permission is mended by a deployment."""


def comes_again(code: str) -> bool:
    """Whether the same call may succeed later, by its error's code: also of one entry of a batch, which SNS and SQS
    may call the sender's fault even where it was throttled."""
    return code in _COMES_AGAIN


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
        return comes_again(code) or status >= 500
    if isinstance(error, ParamValidationError):
        return False
    return isinstance(error, BotoCoreError | ConnectionError | TimeoutError)


def reason(error: BaseException) -> str:
    """Why a record was parked: our own words, or no more than the error's class where it may quote data."""
    if isinstance(error, RollcallError):
        return f"{type(error).__name__}: {error.detail}"[:300]
    if isinstance(error, ClientError):
        return f"{type(error).__name__}: {error.response.get('Error', {}).get('Code', 'unknown')}"
    return type(error).__name__
