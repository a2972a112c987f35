"""Objects of S3: those of the work bucket, where jobs store their files, and what calls to any bucket have in
common."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError

from chalicelib.core.aws import clients
from chalicelib.core.aws.absence import reading
from chalicelib.core.aws.parallel import in_parallel
from chalicelib.core.errors import Gone, Unavailable
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BLOCK_BYTES = 1024**2
LINK_SECONDS = 600

DELETERS = 8
"""How many objects are deleted at the same time."""

_WRITTEN = "what the job wrote"


def version_of(version: str) -> dict[str, str]:
    """The parameter of S3's calls for a version. Objects from before the bucket was versioned have the version `null`,
    which no call names."""
    return {"VersionId": version} if version and version != "null" else {}


def put(key: str, body: bytes) -> None:
    """Put a small object into the work bucket."""
    clients.client("s3").put_object(Bucket=work_bucket(), Key=key, Body=body)


def delete(keys: Iterable[str]) -> None:
    """Delete objects of the work bucket. Missing ones are no error."""
    s3, bucket = clients.client("s3"), work_bucket()
    in_parallel(lambda key: s3.delete_object(Bucket=bucket, Key=key), keys, DELETERS)


def exists(key: str) -> bool:
    """Whether an object of the work bucket exists."""
    try:
        require(key)
    except Gone:
        return False
    return True


def write(key: str, blocks: Iterable[bytes]) -> int:
    """Put an object of any size into the work bucket, in parts of 8 MB, and return its size in bytes. One part is in
    memory at a time."""
    from boto3.s3.transfer import TransferConfig

    s3, config, source = clients.client("s3"), TransferConfig(use_threads=False), _Readable(blocks)
    s3.upload_fileobj(source, work_bucket(), key, Config=config)
    return source.bytes_read


def read(key: str) -> bytes:
    """A whole object of the work bucket, for small ones. Raises Gone where it does not exist any more."""
    body: bytes = _opened(key).read()
    return body


def blocks(key: str) -> Iterator[bytes]:
    """An object of the work bucket, block by block. Raises Gone where it does not exist any more."""
    return streamed(_opened(key))


def require(key: str) -> None:
    """Raise Gone where an object of the work bucket does not exist any more."""
    with reading(_WRITTEN):
        clients.client("s3").head_object(Bucket=work_bucket(), Key=key)


def _opened(key: str) -> Any:
    with reading(_WRITTEN):
        return clients.client("s3").get_object(Bucket=work_bucket(), Key=key)["Body"]


def link(key: str, name: str, seconds: int = LINK_SECONDS) -> str:
    """A link by which anybody can download an object of the work bucket, as `name`, for ten minutes or less."""
    url: str = clients.client("s3").generate_presigned_url(
        "get_object",
        Params={
            "Bucket": work_bucket(),
            "Key": key,
            "ResponseContentDisposition": f'attachment; filename="{name}"',
        },
        ExpiresIn=seconds,
    )
    return url


def work_bucket() -> str:
    return settings().bucket("work")


def streamed(body: Any) -> Iterator[bytes]:
    """The body of a reply, block by block. Raises Unavailable where it breaks off."""
    try:
        yield from body.iter_chunks(BLOCK_BYTES)
    except BotoCoreError as error:
        raise Unavailable("S3 stopped sending") from error


class _Readable(io.RawIOBase):
    """Blocks as a file that boto3 can upload."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self._rest = b""
        self.bytes_read = 0
        """Bytes read so far."""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, fewer only at the end; all that is left for -1."""
        parts, length = [self._rest], len(self._rest)
        while size < 0 or length < size:
            block = next(self._blocks, None)
            if block is None:
                break
            parts.append(block)
            length += len(block)
        whole = b"".join(parts)
        cut = length if size < 0 else size
        self._rest = whole[cut:]
        self.bytes_read += min(cut, length)
        return whole[:cut]
