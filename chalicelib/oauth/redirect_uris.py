"""Redirect addresses: which may be registered, and which registered one a request names. No AWS here.

They are compared character by character (RFC 9700, section 2.1). The one exception is the port of a loopback address,
which a native application gets from its system when it runs (RFC 8252, section 7.3).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LENGTH_LIMIT = 500
"""Characters of one address."""

LOCAL = frozenset({"127.0.0.1", "[::1]", "localhost"})
"""The only hosts that http may lead to. Any port of an address counts as the registered one. That of `localhost` must
be it, because RFC 8252, section 8.3, does not recommend the name, which pages under development nevertheless use."""

ANSWERS = frozenset({"code", "error", "error_description", "error_uri", "iss", "response", "state"})
"""Parameters of our answers. A registered address with one of these would have it twice."""

_VISIBLE = re.compile(r"[!#-;=?-\[\]_a-z~]+")
"""RFC 3986, section 2, without the percent signs' rule, `"`, `<`, `>`, `\\`, `^`, the grave accent and braces."""

_HOST_AND_PORT = re.compile(r"(\[[^\]]*\]|[^:]*)(?::([0-9]*))?")
"""The host as it is written, an IPv6 address in its brackets, and the port, where there is one."""

_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")
"""A private-use scheme has a dot, because it is a domain name in reverse (RFC 8252, section 7.1)."""


def checked(text: str, *, private_use: bool) -> str:
    """The address, where it may be registered. `private_use` says whether schemes of applications are allowed too.
    Raises ValueError with what is wrong."""
    if len(text) > LENGTH_LIMIT or not _VISIBLE.fullmatch(text):
        raise ValueError(f"must be a URL of at most {LENGTH_LIMIT} characters of RFC 3986")
    parts = urlsplit(text)
    if "#" in text:
        raise ValueError("must have no fragment")
    if "@" in parts.netloc:
        raise ValueError("must have no user name or password")
    if "*" in text:
        raise ValueError("must have no wildcard: it is compared character by character")
    if ANSWERS & {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}:
        raise ValueError("must have no parameter of an answer")
    if parts.scheme in {"http", "https"}:
        _check_host(text, parts.scheme, parts.netloc)
    elif not private_use or not _SCHEME.fullmatch(parts.scheme):
        raise ValueError("must begin with https, with http on this computer, or with a public client's own scheme")
    return text


def is_registered(asked: str, registered: Iterable[str]) -> bool:
    """Whether a request may name this address."""
    loopback = _without_port(asked)
    return any(asked == one or (loopback is not None and loopback == _without_port(one)) for one in registered)


def with_parameters(uri: str, parameters: Mapping[str, str]) -> str:
    """A registered address with further parameters, which leave those that it has (RFC 6749, section 3.1.2)."""
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode(parameters, quote_via=quote)}"


def is_impersonable(uri: str) -> bool:
    """Whether another application on the same device could receive what is sent there: all but https (RFC 8252,
    section 8.6)."""
    return urlsplit(uri).scheme != "https"


def _check_host(text: str, scheme: str, netloc: str) -> None:
    matched = _HOST_AND_PORT.fullmatch(netloc)
    host, port = (matched[1], matched[2]) if matched else ("", None)
    if not host or not text.startswith(f"{scheme}://{host.lower()}"):
        raise ValueError("must name a host, in lower case")
    if port is not None and not (port[:1] != "0" and 0 < int(port or 0) < 65536):
        raise ValueError("must name a port as numbers are written")
    if scheme == "http" and host not in LOCAL:
        raise ValueError("must begin with https unless it leads to this computer")


def _without_port(uri: str) -> tuple[str, str, str] | None:
    """Scheme, host, and all that follows the port, or None for what is no loopback address."""
    matched = re.fullmatch(r"(http)://(127\.0\.0\.1|\[::1\])(?::[1-9][0-9]{0,4})?((?:[/?][^#]*)?)", uri)
    return (matched[1], matched[2], matched[3]) if matched else None
