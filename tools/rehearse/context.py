"""The state that the steps of a rehearsal share: account and region, sizes, and what earlier steps made."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tools.rehearse.steps import Failed, Skipped

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.stage import Stage
    from tools.api import Api

SIGN_IN_AGAIN_SECONDS = 240
"""Seconds after which the administrator signs in again: less than a step-up and an access token last."""

UNKNOWN_CALLS = frozenset(
    {
        "404",
        "InvalidAction",
        "NotImplemented",
        "NotImplementedException",
        "UnknownOperation",
        "UnknownOperationException",
        "UnsupportedOperation",
    }
)
"""Error codes with which the local cloud answers calls that it does not support. AWS supports every call of a
rehearsal."""


@dataclass(frozen=True)
class Sizes:
    """How much the steps do. Tests use small sizes."""

    import_rows: int = 100_000
    trial_rows: int = 1_100_000
    body_bytes: int = 10_500_000
    """Size of a request's body that is above API Gateway's 10 MB."""
    rotation_requests: int = 40
    """Requests beside each rotation of a key."""
    settle_seconds: float = 150
    """Seconds until the sweep looks at a change: it skips what is newer than two minutes."""
    local_minutes: float = 1.5
    """The longest wait for anything in the local cloud."""


@dataclass
class Rehearsal:
    """One rehearsal. `client` gives boto3's client of a service."""

    stage: Stage
    region: str
    account: str
    mail_domain: str
    local: bool
    sizes: Sizes
    client: Callable[[str], Any]
    pause: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic
    secrets: set[str] = field(default_factory=set)
    """Texts that must not get into the evidence."""

    read_model_secret: str = ""
    """The name or ARN of the owner's secret with the database of a read model; empty where none is rehearsed."""
    made_bucket: bool = False
    """Whether the bucket for deployments was not there before."""
    has_identity: bool = False
    """Whether the mail domain was an identity of SES before."""
    can_mail: bool = False
    """Whether SES sends from the mail domain."""
    _api: Api | None = None
    administrator: dict[str, str] | None = None
    """The fields of the first administrator's sign-in."""
    _admin: Api | None = None
    _signed_in_at: float = 0
    facts: dict[str, Any] = field(default_factory=dict)
    """Values that a step stores for later steps, by name."""

    @property
    def names(self) -> Any:
        return self.stage.names

    @property
    def api(self) -> Api:
        """The deployed API, without a token."""
        if self._api is None:
            raise Failed("the API was not deployed")
        return self._api

    @api.setter
    def api(self, api: Api) -> None:
        self._api = api

    @property
    def admin(self) -> Api:
        """The deployed API with the token of its first administrator, whose last sign-in is recent enough for every
        route."""
        if self.administrator is None:
            raise Failed("there is no administrator")
        if self._admin is None or self.now() - self._signed_in_at > SIGN_IN_AGAIN_SECONDS:
            self._signed_in_at = self.now()
            self._admin = self.api.signed_in(self.administrator["email"], self.administrator["password"])
            self.hide(self._admin.token)
        return self._admin

    def hide(self, secret: str) -> str:
        """Keep a text out of all evidence from here on, and return it."""
        self.secrets.add(secret)
        return secret

    def bucket(self, thing: str) -> str:
        return str(self.names.bucket(thing, self.account, self.region))

    def until(self, look: Callable[[], Any], what: str, minutes: float, where: str = "") -> Any:
        """Call `look` until its result is true, and return the result. Raises Failed after so many minutes.

        Pauses grow from one second to ten. Each is shortened by up to a half at random, so that parallel waits do not
        call at the same time.
        """
        if self.local:
            minutes = min(minutes, self.sizes.local_minutes)
        deadline, pause = self.now() + minutes * 60, 0.2 if self.local else 1.0
        while True:
            result = look()
            if result:
                return result
            if self.now() > deadline:
                raise Failed(f"within {minutes:g} minutes, {what} did not happen", where)
            self.pause(pause * random.uniform(0.5, 1.0))
            pause = min(pause * 1.3, 1.0 if self.local else 10.0)

    def call_if_supported(self, call: Callable[..., Any], **arguments: Any) -> Any:
        """The answer of a call. Raises Skipped where the local cloud does not support the call."""
        try:
            return call(**arguments)
        except ClientError as error:
            if self.local and error.response["Error"]["Code"] in UNKNOWN_CALLS:
                raise Skipped(f"the local cloud does not know {error.operation_name}") from error
            raise
