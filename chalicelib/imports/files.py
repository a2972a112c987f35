"""Uploaded files, read as a stream, and what of them is sealed between an import's steps. See `core.aws.objects`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.core.aws import clients
from chalicelib.core.aws.absence import reading
from chalicelib.core.aws.objects import put, read, streamed, version_of
from chalicelib.core.crypto import seals
from chalicelib.core.settings import settings
from chalicelib.imports.model import FILE_BYTES, UPLOAD_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEALED = b"sealed "
"""What a sealed object begins with, before the number of its key."""


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
