"""Checks whether a password was found in a breach of another service, without sending the password.

Off unless a stage names a service with the range protocol of https://haveibeenpwned.com/API/v3#PwnedPasswords. We send
the first five of the 40 digits of the password's SHA-1. The service answers with the other digits of every breached
password with that prefix, padded so that the length of the answer reveals nothing. Where the service does not answer,
the password is accepted.
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
"""Hexadecimal digits that are sent: some 2,000 breached passwords share them."""


def is_known(password: str) -> bool:
    """Whether the password is in the data of the stage's service. False where the stage has no service, or the service
    does not answer."""
    if not settings().breached_passwords_url:
        return False
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    suffixes = _range(digest[:PREFIX])
    return any(_has_suffix(line, digest[PREFIX:]) for line in suffixes.splitlines())


def _range(prefix: str) -> str:
    """The text of the service's reply, or an empty one where there is none."""
    import urllib3

    retry = urllib3.Retry(TRIES - 1, redirect=False, status_forcelist=(429, 500, 502, 503, 504), backoff_factor=0)
    try:
        reply = _pool().request(
            "GET",
            settings().breached_passwords_url + prefix,
            headers={"Add-Padding": "true", "User-Agent": "rollcall"},
            timeout=urllib3.Timeout(total=TIMEOUT_SECONDS),
            retries=retry,
        )
    except urllib3.exceptions.HTTPError:
        return _without_reply()
    return reply.data.decode("ascii", "replace") if reply.status == 200 else _without_reply()


def _without_reply() -> str:
    logs.warning("no answer about breached passwords")
    logs.count("BreachServiceFailures")
    return ""


def _has_suffix(line: str, wanted_suffix: str) -> bool:
    """Whether a line `<35 digits>:<count>` is of that digest. A line of padding has a count of 0."""
    suffix, _, count = line.strip().partition(":")
    return suffix == wanted_suffix and count != "0"


@cache
def _pool() -> Any:
    import urllib3

    return urllib3.PoolManager()
