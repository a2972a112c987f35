"""The credentials that calls are signed with.

A function has its role's in the environment, for as long as its process lives. Whatever else there is (containers, as
SnapStart has them, profiles, SSO), botocore finds and renews.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from botocore.exceptions import NoCredentialsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.core.aws.calls.signing import Keys


@dataclass(frozen=True)
class EnvironmentKeys:
    """Credentials that never change."""

    access_key: str
    secret_key: str
    token: str | None


@cache
def source() -> Callable[[], Keys]:
    """What gives the credentials of the moment. Raises NoCredentialsError where there are none."""
    access_key, secret_key = (os.environ.get(f"AWS_{name}") for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"))
    if access_key and secret_key and "AWS_CREDENTIAL_EXPIRATION" not in os.environ:
        keys = EnvironmentKeys(access_key, secret_key, os.environ.get("AWS_SESSION_TOKEN"))
        return lambda: keys
    from chalicelib.core.aws.calls import behind

    found = behind.session().get_credentials()
    if found is None:
        raise NoCredentialsError
    renewed: Callable[[], Keys] = found.get_frozen_credentials
    return renewed
