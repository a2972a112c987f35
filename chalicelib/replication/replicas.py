"""Copies one version of an object into the second bucket. S3 itself copies; its bytes do not pass through here.

Metadata, tags and checksum go with it. S3 copies up to 5 GB in one call. A larger object is copied part by part, in
the parts in which it was uploaded, so that its ETag and a checksum over the parts' checksums stay the same.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from chalicelib.core.aws import clients
from chalicelib.core.aws.absence import reading
from chalicelib.core.aws.objects import version_of
from chalicelib.core.aws.parallel import in_parallel
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

COPY_BYTES = 5 * 1024**3
"""What S3 copies in one call: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html"""

COPY_SECONDS = 240
"""How long S3 may take to answer, which it does when it has copied: 5 GB at 20 MB a second."""

PARTS_AT_ONCE = 16

COPIED_HEADERS = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "Metadata",
    "WebsiteRedirectLocation",
)
"""The headers and metadata of an object that a copy in parts must be given again."""

ALGORITHMS = ("CRC64NVME", "CRC32", "CRC32C", "SHA1", "SHA256")


def replicate(key: str, version: str, size: int) -> None:
    """Copy one version of an uploaded object, of so many bytes, into the second bucket. Raises Gone where it was
    deleted, or may not be copied."""
    source = {"Bucket": settings().bucket("uploads"), "Key": key, **version_of(version)}
    target = {"Bucket": settings().bucket("uploads-copy"), "Key": key}
    with reading("the object"):
        if size <= COPY_BYTES:
            _s3().copy_object(**target, CopySource=source)
        else:
            _in_parts(source, target)


def _in_parts(source: dict[str, str], target: dict[str, str]) -> None:
    """Copy part by part. An upload that breaks off is deleted by the bucket's lifecycle, a day later."""
    s3 = _s3()
    head = s3.head_object(**source, ChecksumMode="ENABLED")
    part_bytes = s3.head_object(**source, PartNumber=1)["ContentLength"]
    checksum = next((name for name in ALGORITHMS if f"Checksum{name}" in head), None)
    whole = _whole(head, checksum)
    upload = s3.create_multipart_upload(
        **target,
        **{name: head[name] for name in COPIED_HEADERS if name in head},
        Tagging=urlencode([(tag["Key"], tag["Value"]) for tag in s3.get_object_tagging(**source)["TagSet"]]),
        **({"ChecksumAlgorithm": checksum} if checksum else {}),
        **({"ChecksumType": head["ChecksumType"]} if checksum and "ChecksumType" in head else {}),
    )
    upload_key = {**target, "UploadId": upload["UploadId"]}

    def copy_part(part: tuple[int, str]) -> dict[str, Any]:
        number, byte_range = part
        copied = s3.upload_part_copy(
            **upload_key, PartNumber=number, CopySource=source, CopySourceRange=byte_range
        )
        return {"PartNumber": number, **_completed_part(copied["CopyPartResult"], checksum)}

    parts = in_parallel(copy_part, _ranges(head["ContentLength"], part_bytes), PARTS_AT_ONCE)
    s3.complete_multipart_upload(**upload_key, MultipartUpload={"Parts": parts}, **whole)


def _ranges(size: int, part_bytes: int) -> Iterator[tuple[int, str]]:
    """Each part's number, and its first and last byte as HTTP writes them."""
    for number, start in zip(count(1), range(0, size, part_bytes), strict=False):
        yield number, f"bytes={start}-{min(start + part_bytes, size) - 1}"


def _whole(head: dict[str, Any], checksum: str | None) -> dict[str, Any]:
    """The checksum over the whole object, where it has one, against which S3 checks the finished copy."""
    if checksum is None or head.get("ChecksumType") != "FULL_OBJECT":
        return {}
    return {f"Checksum{checksum}": head[f"Checksum{checksum}"], "ChecksumType": "FULL_OBJECT"}


def _completed_part(part: dict[str, Any], checksum: str | None) -> dict[str, Any]:
    return {name: part[name] for name in ("ETag", f"Checksum{checksum}") if name in part}


def _s3() -> Any:
    return clients.client("s3", read_seconds=COPY_SECONDS)
