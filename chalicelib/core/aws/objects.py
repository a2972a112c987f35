"""Objects of S3: those of the work bucket, where jobs keep what they write, and what calls about any bucket share."""

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

REMOVERS = 8
"""Objects that are removed at once."""

_WRITTEN = "what the job wrote"


def version_of(version: str) -> dict[str, str]:
    """A version as S3's calls take it. Objects of before a bucket was versioned have `null`, which none names."""
    return {"VersionId": version} if version and version != "null" else {}


def put(key: str, body: bytes) -> None:
    """Put a small object into the work bucket."""
    clients.client("s3").put_object(Bucket=work_bucket(), Key=key, Body=body)


def remove(keys: Iterable[str]) -> None:
    """Remove objects of the work bucket, as far as they are there."""
    s3, bucket = clients.client("s3"), work_bucket()
    in_parallel(lambda key: s3.delete_object(Bucket=bucket, Key=key), keys, REMOVERS)


def is_there(key: str) -> bool:
    """Whether the work bucket keeps an object."""
    try:
        require(key)
    except Gone:
        return False
    return True


def write(key: str, blocks: Iterable[bytes]) -> int:
    """Put an object of any size into the work bucket, in parts of 8 MB, of which it holds one: its size in bytes."""
    from boto3.s3.transfer import TransferConfig

    s3, config, source = clients.client("s3"), TransferConfig(use_threads=False), _Readable(blocks)
    s3.upload_fileobj(source, work_bucket(), key, Config=config)
    return source.given


def read(key: str) -> bytes:
    """A whole object of the work bucket, for those that are small. Raises Gone where it is not kept any more."""
    body: bytes = _opened(key).read()
    return body


def blocks(key: str) -> Iterator[bytes]:
    """An object of the work bucket, block by block. Raises Gone where it is not kept any more."""
    return streamed(_opened(key))


def require(key: str) -> None:
    """Raises Gone where an object of the work bucket is not kept any more."""
    with reading(_WRITTEN):
        clients.client("s3").head_object(Bucket=work_bucket(), Key=key)


def _opened(key: str) -> Any:
    with reading(_WRITTEN):
        return clients.client("s3").get_object(Bucket=work_bucket(), Key=key)["Body"]


def link(key: str, name: str, seconds: int = LINK_SECONDS) -> str:
    """A link under which anybody can download an object of the work bucket, as `name`, for ten minutes or less."""
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
    """The body of an answer, block by block. Raises Unavailable where it breaks off."""
    try:
        yield from body.iter_chunks(BLOCK_BYTES)
    except BotoCoreError as error:
        raise Unavailable("S3 stopped sending") from error


class _Readable(io.RawIOBase):
    """Blocks as a file that boto3 can upload from."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self._rest = b""
        self.given = 0
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
        self.given += min(cut, length)
        return whole[:cut]
