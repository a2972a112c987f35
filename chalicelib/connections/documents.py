"""What providers publish: the discovery document (OpenID Connect Discovery 1.0, section 4) and their keys (RFC 7517).

Each process keeps them for as long as their headers say, within bounds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from chalicelib.connections.faults import ProviderFault
from chalicelib.connections.model import CONNECTION_LIMIT
from chalicelib.connections.presets import SHARED_ISSUERS, TENANT
from chalicelib.connections.provider_http import document_of, get
from chalicelib.core import clock
from chalicelib.core.aws import clients

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

KEPT = 2 * CONNECTION_LIMIT
"""Documents that one process keeps: two of each connection."""


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
