"""The buckets: what comes from S3 and goes there, all of it as a stream. Copies within S3 are in `replicas`."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError

from chalicelib.core.aws import clients
from chalicelib.core.aws.absence import reading
from chalicelib.core.aws.parallel import in_parallel
from chalicelib.core.crypto import seals
from chalicelib.core.errors import Gone, Unavailable
from chalicelib.core.settings import settings
from chalicelib.imports.model import FILE_BYTES, UPLOAD_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BLOCK_BYTES = 1024**2
LINK_SECONDS = 600

REMOVERS = 8
"""Objects that are removed at once."""

_SEALED = b"sealed "
"""What a sealed object begins with, before the number of its key."""
_WRITTEN = "what the job wrote"


@dataclass(frozen=True)
class Source:
    """An uploaded file: its bytes as they come, its size, and the metadata it was uploaded with."""

    blocks: Iterator[bytes]
    size: int
    metadata: dict[str, str]


def open_upload(bucket: str, key: str, version: str) -> Source:
    """Begin to read one version of an uploaded object. Raises Gone where it was deleted, or may not be read."""
    with reading("the file"):
        answer = clients.client("s3").get_object(Bucket=bucket, Key=key, **version_of(version))
    return Source(streamed(answer["Body"]), int(answer["ContentLength"]), answer.get("Metadata", {}))


def version_of(version: str) -> dict[str, str]:
    """A version as S3's calls take it. Objects of before a bucket was versioned have `null`, which none names."""
    return {"VersionId": version} if version and version != "null" else {}


def upload_form(key: str) -> dict[str, Any]:
    """A presigned POST (`url`, `fields`) that takes one file of at most `FILE_BYTES` under this key."""
    form: dict[str, Any] = clients.client("s3").generate_presigned_post(
        settings().bucket("uploads"),
        key,
        Conditions=[["content-length-range", 1, FILE_BYTES]],
        ExpiresIn=UPLOAD_SECONDS,
    )
    return form


def put_upload(key: str, body: bytes) -> None:
    """Upload a small file for whoever sent it over HTTP."""
    clients.client("s3").put_object(Bucket=settings().bucket("uploads"), Key=key, Body=body)


def put(key: str, body: bytes) -> None:
    """Put a small object into the work bucket."""
    clients.client("s3").put_object(Bucket=work_bucket(), Key=key, Body=body)


def put_sealed(key: str, body: bytes) -> None:
    """Put an object into the work bucket that only who has the stage's keys can read, and only under its own key."""
    sealed = seals.seal("chunks", body, key)
    put(key, _SEALED + f"{sealed['key']}\n".encode() + sealed["sealed"])


def read_sealed(key: str) -> bytes:
    """What `put_sealed` put, as it was; an object of before they were sealed, as it is. Raises Gone where it is not
    kept any more."""
    body = read(key)
    if not body.startswith(_SEALED):
        return body
    number, _, sealed = body.removeprefix(_SEALED).partition(b"\n")
    return seals.opened("chunks", {"key": number.decode(), "sealed": sealed}, key)


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
