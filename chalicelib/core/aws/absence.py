"""How AWS answers for an object or secret that does not exist.

AWS does not reveal what a caller may not list. S3 denies access to a missing key without `s3:ListBucket`, and Secrets
Manager denies access to an unknown name, because our policies name secrets by the random end of their ARNs. So to us a
missing object looks like one that we may not read. In both cases the same call fails until somebody changes something,
so it is not repeated, and the error names both. `s3:ListBucket` would make the difference visible, but would let a
function list the files of everybody: a read has no prefix that a policy's condition could check.
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
    """Read something in the block; `what` is its name in the error. Raises Gone where it does not exist or may not be
    read."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code not in ABSENT:
            raise
        raise Gone(f"{what} is not there any more, or this stage may not read it ({code})") from error
