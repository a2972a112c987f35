"""AWS Query, as SNS speaks it: parameters as a form, results in XML.

https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from chalicelib.core.aws.calls import xml_bodies
from chalicelib.core.aws.calls.messages import Request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from chalicelib.core.aws.calls.messages import Response

_MAP = "MessageAttributes"
"""The member that is a map from names to values."""

_FLAG = "SenderFault"


class QueryProtocol:
    """`version` is that of the service's API."""

    def __init__(self, version: str) -> None:
        self._version = version

    def request(self, operation: str, params: dict[str, Any]) -> Request:
        fields = [("Action", operation), ("Version", self._version)]
        for name, value in params.items():
            fields += _flat(name, value)
        headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
        return Request(partial(_read, f"{{*}}{operation}Result"), headers, urlencode(fields).encode())

    def refusal(self, response: Response) -> dict[str, Any]:
        """An error as botocore has it: `Error` with `Type`, `Code` and `Message`."""
        return xml_bodies.refusal(response, "{*}Error")


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for number, part in enumerate(value, 1):
            yield from _flat(f"{name}.member.{number}", part)
    elif name.endswith(_MAP):
        for number, (key, part) in enumerate(value.items(), 1):
            yield f"{name}.entry.{number}.Name", key
            yield from _flat(f"{name}.entry.{number}.Value", part)
    elif isinstance(value, dict):
        for member, part in value.items():
            yield from _flat(f"{name}.{member}", part)
    else:
        yield name, str(value)


def _read(result: str, response: Response) -> dict[str, Any]:
    """What is in the result, all of whose members are lists of objects."""
    element = xml_bodies.parsed(response.body).find(result)
    if element is None:
        raise ValueError("another result")
    return {xml_bodies.name(each): [_object(member) for member in each] for each in element}


def _object(member: Element) -> dict[str, Any]:
    texts: dict[str, Any] = xml_bodies.texts(member)
    return {**texts, _FLAG: texts[_FLAG] == "true"} if _FLAG in texts else texts
