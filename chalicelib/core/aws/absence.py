"""What AWS answers of a thing that is not there.

It tells nobody what they may not list: S3 refuses a missing key to whoever lacks `s3:ListBucket`, and Secrets Manager a
name that no secret has, for policies name secrets by the random end of their ARNs. So from here a missing thing looks
like one that may not be read. Either way the same call fails again until somebody does something, so it is not tried
again: whoever asked is told both. `s3:ListBucket` would tell them apart, and would let a function list everybody's
files: S3 has no prefix in a read to hold a condition against.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from chalicelib.core.errors import Gone

if TYPE_CHECKING:
    from collections.abc import Iterator

ABSENT = frozenset(
    {
        "403",  # of HeadObject, whose answers have no body
        "404",
        "405",  # a version that is a delete marker
        "AccessDenied",
        "AccessDeniedException",
        "InvalidRequestException",  # a secret that is marked for deletion
        "MethodNotAllowed",
        "NoSuchKey",
        "NoSuchVersion",
        "ResourceNotFoundException",
    }
)


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Read, in the block, a thing that somebody named, by `what` it is to them. Raises Gone where it is not there, or
    may not be read."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code not in ABSENT:
            raise
        raise Gone(f"{what} is not there any more, or this stage may not read it ({code})") from error
