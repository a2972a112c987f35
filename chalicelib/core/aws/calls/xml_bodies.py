"""Bodies in XML, as SNS and S3 answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError, fromstring

from chalicelib.core.aws.calls.messages import generic_refusal, is_generic

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from chalicelib.core.aws.calls.messages import Response


def parsed(body: bytes) -> Element:
    """The outermost element. Raises ValueError where the body is no XML."""
    try:
        return fromstring(body)  # noqa: S314 - from AWS, over TLS; expat limits what entities become
    except ParseError as error:
        raise ValueError("no XML") from error


def name(element: Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def texts(element: Element) -> dict[str, str]:
    """The texts of the elements in it, by their names."""
    return {name(each): each.text or "" for each in element}


def refusal(response: Response, error: str) -> dict[str, Any]:
    """An error as botocore has it, in the element of that path."""
    if not response.body or is_generic(response):
        return generic_refusal(response)
    try:
        element = parsed(response.body).find(error)
    except ValueError:
        element = None
    described = texts(element) if element is not None else {}
    described.pop("RequestId", None)  # it is in the metadata
    return {"Error": {"Code": str(response.status), "Message": "", **described}}
