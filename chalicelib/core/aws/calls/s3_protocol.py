"""REST with XML, as S3 speaks it.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from chalicelib.core.aws.calls import xml_bodies
from chalicelib.core.aws.calls.messages import Request

if TYPE_CHECKING:
    from chalicelib.core.aws.calls.messages import Response


@dataclass(frozen=True)
class _Operation:
    """How one operation is written and read."""

    method: str
    query: str = ""
    """What the query begins with."""
    has_body: bool = False
    is_streamed: bool = False
    result: str = ""
    """The member that holds what the body's XML says; empty for the result itself."""


_OPERATIONS = {
    "GetObject": _Operation("GET", is_streamed=True),
    "HeadObject": _Operation("HEAD"),
    "PutObject": _Operation("PUT", has_body=True),
    "DeleteObject": _Operation("DELETE"),
    "CopyObject": _Operation("PUT", result="CopyObjectResult"),
    "CreateMultipartUpload": _Operation("POST", query="uploads="),
    "UploadPart": _Operation("PUT", has_body=True),
    "CompleteMultipartUpload": _Operation("POST"),
}

_IN_QUERY = {"PartNumber": "partNumber", "UploadId": "uploadId", "VersionId": "versionId"}

_FROM_HEADERS = {"content-type": "ContentType", "etag": "ETag", "x-amz-version-id": "VersionId"}

_METADATA = "x-amz-meta-"
_UNRESERVED = "-._~"


class S3Protocol:
    """Of the results, times are left out."""

    def request(self, operation: str, params: dict[str, Any]) -> Request:
        kind = _OPERATIONS[operation]
        headers, body = {}, params.get("Body", b"") if kind.has_body else b""
        if "ContentType" in params:
            headers["content-type"] = params["ContentType"]
        if "CopySource" in params:
            headers["x-amz-copy-source"] = _source(**params["CopySource"])
        if "MultipartUpload" in params:
            body = _parts(params["MultipartUpload"]["Parts"])
        query = [
            f"{_IN_QUERY[name]}={quote(str(params[name]), _UNRESERVED)}" for name in _IN_QUERY if name in params
        ]
        return Request(
            partial(_read, kind),
            headers,
            body,
            kind.method,
            f"/{quote(params['Key'], f'/{_UNRESERVED}')}",
            kind.query or "&".join(query),
            params["Bucket"],
            kind.is_streamed,
        )

    def refusal(self, response: Response) -> dict[str, Any]:
        return xml_bodies.refusal(response, ".")


def _source(Bucket: str, Key: str, VersionId: str = "") -> str:  # noqa: N803 - S3's own names
    version = f"?versionId={VersionId}" if VersionId else ""
    return quote(f"{Bucket}/{Key}", f"/{_UNRESERVED}") + version


def _parts(parts: list[dict[str, Any]]) -> bytes:
    """The list of an upload's parts. An ETag is in quotes, which XML takes as they are."""
    listed = "".join(
        f"<Part><PartNumber>{part['PartNumber']}</PartNumber><ETag>{part['ETag']}</ETag></Part>" for part in parts
    )
    return f'<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{listed}</CompleteMultipartUpload>'.encode()


def _read(kind: _Operation, response: Response) -> dict[str, Any]:
    """A result from headers and body. Raises ValueError where the body is no XML."""
    headers = response.headers
    result: dict[str, Any] = {name: headers[header] for header, name in _FROM_HEADERS.items() if header in headers}
    if response.stream is not None or kind.method == "HEAD":
        if "content-length" in headers:
            result["ContentLength"] = int(headers["content-length"])
        result["Metadata"] = {
            name.removeprefix(_METADATA): value for name, value in headers.items() if name.startswith(_METADATA)
        }
    if response.stream is not None:
        return {**result, "Body": response.stream}
    if response.body:
        element = xml_bodies.parsed(response.body)
        if xml_bodies.name(element) == "Error":
            # A copy, or the end of an upload, may fail after its headers were sent:
            # https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
            response.status = 500
            return xml_bodies.refusal(response, ".")
        texts = xml_bodies.texts(element)
        result |= {kind.result: texts} if kind.result else texts
    return result
