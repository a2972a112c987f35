"""The setting `MIGRATION`: the old system, which is asked for a person's password at their first sign-in.

It is a JSON object. Its `kind` says how the old system is asked (`chalicelib.migration`), and which other members there
are; docs/moving/first-sign-in.md explains each. It has no secret: that is in Secrets Manager.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal
from urllib.parse import urlsplit

Kind = Literal["cognito", "password-grant", "endpoint"]

SECRET = "migration"
"""The short name of the secret by which Rollcall proves itself to the old system."""

SECONDS = (0.5, 5.0)
"""The least and the most that one question may take. Each failed sign-in by password takes at least as long."""

_FOR_ALL = frozenset({"kind", "username", "creates", "seconds"})
_MEMBERS: dict[str, frozenset[str]] = {
    "cognito": _FOR_ALL | {"region", "url", "client_id", "secret"},
    "password-grant": _FOR_ALL | {"url", "client_id", "secret", "scope", "audience", "realm"},
    "endpoint": _FOR_ALL | {"url"},
}
_REGION = re.compile(r"[a-z]{2}(-[a-z]+){1,2}-\d{1,2}")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_TEXT_LIMIT = 500


@dataclass(frozen=True, kw_only=True)
class OldSystem:
    """The old system of a stage."""

    kind: Kind
    url: str
    client_id: str = ""
    secret: bool = False
    """Whether the client has a secret. An endpoint always has one, by which its requests are signed."""
    scope: str = "openid profile email"
    audience: str = ""
    realm: str = ""
    """With one, Auth0's grant for a realm is used, which names the database of the people."""
    username: Literal["email", "id"] = "email"
    """What people are called there: by the email address that was typed, or by their id here, which an import keeps."""
    creates: bool = False
    """Whether people who are not here yet are created, if the old system says that the address is verified."""
    seconds: float = 2.0
    """The most that one question may take."""

    @property
    def milliseconds(self) -> int:
        return round(self.seconds * 1000)


@cache
def parse(text: str) -> OldSystem:
    """The old system that a value of the setting names. Raises ValueError, which says everything that is wrong."""
    members = _object(text)
    kind = members.get("kind")
    if kind not in _MEMBERS:
        raise ValueError(f"needs a kind, one of {', '.join(_MEMBERS)}")
    present = {name: value for name, value in members.items() if name in _MEMBERS[kind]}
    problems = [f"has {name}, which means nothing for {kind}" for name in members.keys() - present.keys()]
    problems += [problem for name, value in present.items() if (problem := _problem(name, value))]
    if kind != "endpoint" and "client_id" not in members:
        problems.append("needs client_id")
    region = present.pop("region", None)
    if "url" not in present and kind == "cognito" and region is not None:
        present["url"] = _cognito_url(str(region))
    if "url" not in present:
        problems.append("needs region" if kind == "cognito" else "needs url")
    if present.get("creates") is True and present.get("username") == "id":
        problems.append("creates nobody by an id: who is not here has none")
    if problems:
        raise ValueError("; ".join(sorted(problems)))
    return OldSystem(**{**present, "secret": present.get("secret", kind == "endpoint")})


def contradictions(text: str, floor: object) -> list[str]:
    """What is wrong with the setting and `FAILED_SIGN_IN_MILLISECONDS` together: the time of a failed sign-in must not
    show that the old system was asked. Nothing, where one of them is unset or wrong by itself."""
    try:
        asked = parse(text) if text else None
    except ValueError:
        return []
    if asked is None or not isinstance(floor, int) or not 0 <= floor < asked.milliseconds:
        return []
    return [f"FAILED_SIGN_IN_MILLISECONDS is {floor}, below the {asked.milliseconds} that MIGRATION may take"]


def _object(text: str) -> dict[str, Any]:
    try:
        members = json.loads(text)
    except (ValueError, RecursionError):
        members = None
    if not isinstance(members, dict):
        raise ValueError("is no JSON object")
    return members


def _problem(name: str, value: object) -> str:
    """What is wrong with a member; empty where nothing is."""
    if name in {"secret", "creates"}:
        return "" if isinstance(value, bool) else f"has {name}, which is neither true nor false"
    if name == "seconds":
        fits = type(value) in {int, float} and SECONDS[0] <= float(str(value)) <= SECONDS[1]
        return "" if fits else f"has seconds, which are not {SECONDS[0]} to {SECONDS[1]}"
    if not isinstance(value, str) or not 0 < len(value) <= _TEXT_LIMIT or not value.isprintable():
        return f"has {name}, which is no text of 1 to {_TEXT_LIMIT} characters"
    if name == "username":
        return "" if value in {"email", "id"} else "has username, which is neither email nor id"
    if name == "region":
        return "" if _REGION.fullmatch(value) else "has region, which is none of AWS"
    return "" if name != "url" or _is_url(value) else "has url, which is no https address"


def _is_url(url: str) -> bool:
    """Whether it can be asked: `https`, or `http` on this machine, where a stage allows that. Where it leads is checked
    when it is asked (`core.outbound`)."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    is_plain = url.isascii() and " " not in url and "@" not in parts.netloc and not parts.fragment
    return is_plain and bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK))


def _cognito_url(region: str) -> str:
    """https://docs.aws.amazon.com/general/latest/gr/cognito_identity.html"""
    return f"https://cognito-idp.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}/"
