"""Passwords that were found in breaches of other services, asked for without telling which one is meant.

Off unless a stage names a service that speaks the range protocol of https://haveibeenpwned.com/API/v3#PwnedPasswords:
it is sent the first five of a SHA-1's 40 digits, and answers with the rest of every one that it knows, padded so that
the answer's length tells nothing. One that does not answer stands in nobody's way.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from chalicelib.core import logs
from chalicelib.core.settings import settings

TIMEOUT_SECONDS = 1.0
TRIES = 2
PREFIX = 5
"""Hexadecimal digits that are sent: some 2,000 known passwords share them."""


def is_known(password: str) -> bool:
    """Whether the stage's service knows the password; False where there is none, or it does not answer."""
    if not settings().breached_passwords_url:
        return False
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    answer = _range(digest[:PREFIX])
    return any(_is_found(line, digest[PREFIX:]) for line in answer.splitlines())


def _range(prefix: str) -> str:
    """The service's answer, or nothing."""
    import urllib3

    wanted = urllib3.Retry(TRIES - 1, redirect=False, status_forcelist=(429, 500, 502, 503, 504), backoff_factor=0)
    try:
        answer = _pool().request(
            "GET",
            settings().breached_passwords_url + prefix,
            headers={"Add-Padding": "true", "User-Agent": "rollcall"},
            timeout=urllib3.Timeout(total=TIMEOUT_SECONDS),
            retries=wanted,
        )
    except urllib3.exceptions.HTTPError:
        return _unanswered()
    return answer.data.decode("ascii", "replace") if answer.status == 200 else _unanswered()


def _unanswered() -> str:
    logs.warning("no answer about breached passwords")
    logs.count("BreachServiceFailures")
    return ""


def _is_found(line: str, rest: str) -> bool:
    """Whether a line `<35 digits>:<count>` is of that digest. Padding counts none."""
    found, _, count = line.strip().partition(":")
    return found == rest and count != "0"


@cache
def _pool() -> Any:
    import urllib3

    return urllib3.PoolManager()
