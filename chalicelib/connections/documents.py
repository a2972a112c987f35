"""What providers publish: the discovery document (OpenID Connect Discovery 1.0, section 4) and their keys (RFC 7517).

Each process keeps them for as long as their headers say, within bounds. They come by the client that never enters our
own network, are bounded in size, and are asked for once more where the provider did not answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from chalicelib.connections.faults import ProviderDown, ProviderFault
from chalicelib.connections.presets import SHARED_ISSUERS, TENANT
from chalicelib.core import clock, wire
from chalicelib.core.aws import clients
from chalicelib.core.aws.backoff import rounds
from chalicelib.core.errors import Malformed
from chalicelib.core.outbound import safe_http
from chalicelib.core.outbound.targets import Unreachable
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.core.outbound.safe_http import Answer

DISCOVERY_BYTES = 64 * 1024
KEYS_BYTES = 256 * 1024
KEYS_LIMIT = 100
"""Keys of one provider. More are refused: each unknown `kid` would be searched among them."""

LEAST_SECONDS = 60
MOST_SECONDS = 86400
"""How long a document is kept at least and at most, whatever its headers say."""

UNSAID_SECONDS = 300
"""How long it is kept where its headers say nothing."""

KEPT = 2 * 50
"""Documents that one process keeps: two of each connection."""

ATTEMPTS = 2
"""Of each request that changes nothing."""


@dataclass(frozen=True)
class _Kept:
    document: Any
    fetched_at: int
    until: int


class Documents:
    """The documents that this process has read."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    def discovery(self, issuer: str, *, anew: bool = False) -> Mapping[str, Any]:
        """The issuer's discovery document. Raises ProviderDown, and ProviderFault where it is another issuer's."""
        url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        document = self._read(url, DISCOVERY_BYTES, anew_after=0 if anew else None)
        if not isinstance(document, dict) or not _is_issuer(document.get("issuer"), issuer):
            raise ProviderFault("the discovery document is another issuer's")
        return document

    def keys(self, url: str, *, anew: bool = False, after: int = LEAST_SECONDS) -> list[dict[str, Any]]:
        """The keys that are published there. With `anew` they are read again, unless they were read in the last `after`
        seconds: an unknown `kid` must not cost a request each time. Raises ProviderDown and ProviderFault."""
        document = self._read(url, KEYS_BYTES, anew_after=after if anew else None)
        keys = document.get("keys") if isinstance(document, dict) else None
        if not isinstance(keys, list) or len(keys) > KEYS_LIMIT:
            raise ProviderFault(f"the keys are no list of up to {KEYS_LIMIT}")
        return [key for key in keys if isinstance(key, dict)]

    def _read(self, url: str, limit: int, *, anew_after: int | None) -> Any:
        now, kept = clock.epoch(), self._kept.get(url)
        is_due = kept is None or kept.until <= now
        if kept is not None and not is_due and (anew_after is None or now - kept.fetched_at < anew_after):
            return kept.document
        answer = get(url, limit=limit)
        if len(self._kept) >= KEPT:
            self._kept.clear()
        document = document_of(answer)
        self._kept[url] = _Kept(document, now, now + _lifetime(answer))
        return document


def get(url: str, *, limit: int, token: str | None = None) -> Answer:
    """What is there, with `token` as the bearer token: the answer of status 200. Raises ProviderDown where there was
    none after a second attempt, and ProviderFault for any other status."""
    authorization = {"Authorization": f"Bearer {token}"} if token else {}
    failure = "no answer"
    for _ in rounds(ATTEMPTS, first=0.2):
        try:
            answer = safe_http.fetch(
                "GET",
                url,
                {"Accept": "application/json", "User-Agent": "rollcall", **authorization},
                limit=limit,
                local=settings().outbound_allow_http,
            )
        except Unreachable as error:
            failure = error.detail
            continue
        if answer.status < 500:
            break
        failure = f"status {answer.status}"
    else:
        raise ProviderDown(f"the provider did not answer: {failure}")
    if answer.status != 200:
        raise ProviderFault(f"the provider answered with status {answer.status}")
    return answer


def document_of(answer: Answer) -> Any:
    """The JSON of an answer. Raises ProviderFault."""
    try:
        return wire.from_json(answer.body, "the provider's answer")
    except Malformed as error:
        raise ProviderFault(error.detail) from error


def _is_issuer(named: object, issuer: str) -> bool:
    """Whether a discovery document is this issuer's. Microsoft's document for several tenants has a template of the
    issuer, which each token fills in."""
    if named == issuer:
        return True
    host = next((issuer.removesuffix(path) for path in SHARED_ISSUERS if issuer.endswith(path)), None)
    return host is not None and named == f"{host}/{TENANT}/v2.0"


def _lifetime(answer: Answer) -> int:
    """The seconds that an answer may be kept (RFC 9111, section 4.2.1), within our bounds."""
    control = str(answer.headers.get("Cache-Control", "")).lower()
    if "no-store" in control or "no-cache" in control:
        return LEAST_SECONDS
    if match := re.search(r"(?:^|[\s,])max-age=(\d{1,9})", control):
        age = str(answer.headers.get("Age", "0"))
        seconds = int(match[1]) - (int(age) if age.isdecimal() else 0)
    elif "Expires" in answer.headers:
        seconds = _until(str(answer.headers["Expires"]))
    else:
        seconds = UNSAID_SECONDS
    return min(MOST_SECONDS, max(LEAST_SECONDS, seconds))


def _until(date: str) -> int:
    try:
        return int(parsedate_to_datetime(date).timestamp()) - clock.epoch()
    except (ValueError, TypeError, OverflowError):
        return 0


@clients.once
def documents() -> Documents:
    """The documents that this process has read."""
    return Documents()
