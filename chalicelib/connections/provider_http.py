"""Requests to providers. They go by the client that never enters our own network, and are bounded in size. One that
changes nothing is made once more where the provider did not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from chalicelib.connections.faults import ProviderDown, ProviderFault
from chalicelib.core import wire
from chalicelib.core.aws.backoff import rounds
from chalicelib.core.errors import Malformed
from chalicelib.core.outbound import safe_http
from chalicelib.core.outbound.targets import Unreachable
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.core.outbound.safe_http import Answer

ATTEMPTS = 2
"""Of each request that changes nothing."""


def get(url: str, *, limit: int, token: str | None = None) -> Answer:
    """What is there, with `token` as the bearer token: the answer of status 200, of `limit` bytes at most. Raises
    ProviderDown where there was none after a second attempt, and ProviderFault for any other status."""
    authorization = {"Authorization": f"Bearer {token}"} if token else {}
    down = ProviderDown("the provider was not asked")
    for _ in rounds(ATTEMPTS, first=0.2):
        try:
            answer = _send("GET", url, authorization, None, limit)
        except ProviderDown as failure:
            down = failure
            continue
        if answer.status != 200:
            raise ProviderFault(f"the provider answered with status {answer.status}")
        return answer
    raise down


def post(url: str, headers: Mapping[str, str], form: Mapping[str, str], *, limit: int) -> Answer:
    """The answer to a form, whatever its status below 500, of `limit` bytes at most. Raises ProviderDown."""
    media_type = {"Content-Type": "application/x-www-form-urlencoded"}
    return _send("POST", url, {**media_type, **headers}, urlencode(form).encode(), limit)


def document_of(answer: Answer) -> Any:
    """The JSON of an answer. Raises ProviderFault."""
    try:
        return wire.from_json(answer.body, "the provider's answer")
    except Malformed as error:
        raise ProviderFault(error.detail) from error


def _send(method: str, url: str, headers: Mapping[str, str], body: bytes | None, limit: int) -> Answer:
    """The answer to one request. Raises ProviderDown where there is none, or one of a status from 500 on."""
    usual = {"Accept": "application/json", "User-Agent": "rollcall"}
    try:
        answer = safe_http.fetch(
            method, url, {**usual, **headers}, body, limit=limit, local=settings().outbound_allow_http
        )
    except Unreachable as error:
        raise ProviderDown(f"the provider did not answer: {error.detail}") from error
    if answer.status >= 500:
        raise ProviderDown(f"the provider did not answer: status {answer.status}")
    return answer
