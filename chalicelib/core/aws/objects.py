"""Objects of S3: those of the work bucket, where jobs store their files, and what calls to any bucket have in
common."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError

from chalicelib.core.aws import clients
from chalicelib.core.aws.absence import reading
from chalicelib.core.aws.calls import endpoints
from chalicelib.core.aws.parallel import in_parallel
from chalicelib.core.errors import Gone, Unavailable
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BLOCK_BYTES = 1024**2
PART_BYTES = 8 * 1024**2
"""Of an upload in parts; S3 takes 10,000 parts, of 5 MB at least:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html"""

LINK_SECONDS = 600

DELETERS = 8
"""How many objects are deleted at the same time."""

_WRITTEN = "what the job wrote"


def version_of(version: str) -> dict[str, str]:
    """The parameter of S3's calls for a version. Objects from before the bucket was versioned have the version `null`,
    which no call names."""
    return {"VersionId": version} if version and version != "null" else {}


def bucket_url(bucket: str) -> str:
    """Where S3 takes the forms of a bucket, `https://<bucket>.s3.<region>.amazonaws.com/`. Calls nothing."""
    endpoint = endpoints.resolve("s3", "S3")
    if endpoint is None:
        form: dict[str, Any] = clients.client("s3").generate_presigned_post(bucket, "any")
        return str(form["url"])
    path = endpoint.full_path("", bucket)
    return f"http{'s' * endpoint.is_secure}://{endpoint.authority(bucket)}{path or '/'}"


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
    """Put an object of any size into the work bucket, in parts of 8 MB, and return its size in bytes. Two parts are in
    memory at a time. Of an upload that breaks off, the bucket's lifecycle deletes the parts a day later."""
    s3, location = clients.client("s3"), {"Bucket": work_bucket(), "Key": key}
    parts = _in_parts(blocks)
    first, second = next(parts, b""), next(parts, None)
    if second is None:
        s3.put_object(**location, Body=first)
        return len(first)
    upload = {**location, "UploadId": s3.create_multipart_upload(**location)["UploadId"]}
    size, uploaded = 0, []
    for number, part in enumerate(chain((first, second), parts), 1):
        reply = s3.upload_part(**upload, PartNumber=number, Body=part)
        uploaded.append({"PartNumber": number, "ETag": reply["ETag"]})
        size += len(part)
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": uploaded})
    return size


def _in_parts(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in parts of 8 MB, the last one shorter; nothing for none."""
    part = bytearray()
    for block in blocks:
        part += block
        while len(part) > PART_BYTES:
            yield bytes(part[:PART_BYTES])
            del part[:PART_BYTES]
    if part:
        yield bytes(part)


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
