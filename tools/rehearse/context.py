"""What the steps of a rehearsal share: where it happens, how large it is, and what earlier steps made."""

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
"""Less than a step-up and an access token last."""

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
"""Error codes by which the local cloud says that it lacks a call. AWS knows every call that is made here."""


@dataclass(frozen=True)
class Sizes:
    """How much is done. Tests make all of it small."""

    import_rows: int = 100_000
    trial_rows: int = 1_100_000
    body_bytes: int = 10_500_000
    """Of a request's body that is above API Gateway's 10 MB."""
    rotation_requests: int = 40
    """Requests beside each rotation of a key."""
    settle_seconds: float = 150
    """How long a change is none of the sweep's business: it looks at what is older than two minutes."""
    local_minutes: float = 1.5
    """The longest that anything is waited for in the local cloud."""


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
    """What a step leaves for those that need it, by names of their own."""

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
        """The deployed API, as its first administrator, who signed in lately enough for everything."""
        if self.administrator is None:
            raise Failed("there is no administrator")
        if self._admin is None or self.now() - self._signed_in_at > SIGN_IN_AGAIN_SECONDS:
            self._signed_in_at = self.now()
            self._admin = self.api.signed_in(self.administrator["email"], self.administrator["password"])
            self.hide(self._admin.token)
        return self._admin

    def hide(self, secret: str) -> str:
        """The text itself, which from here on shows in no evidence."""
        self.secrets.add(secret)
        return secret

    def bucket(self, thing: str) -> str:
        return str(self.names.bucket(thing, self.account, self.region))

    def until(self, look: Callable[[], Any], what: str, minutes: float, where: str = "") -> Any:
        """What `look` gives, as soon as that is something. Raises Failed after so many minutes.

        Pauses grow from a second to ten, each up to half as short, so that parallel waits do not beat in time.
        """
        if self.local:
            minutes = min(minutes, self.sizes.local_minutes)
        deadline, pause = self.now() + minutes * 60, 0.2 if self.local else 1.0
        while True:
            found = look()
            if found:
                return found
            if self.now() > deadline:
                raise Failed(f"within {minutes:g} minutes, {what} did not happen", where)
            self.pause(pause * random.uniform(0.5, 1.0))
            pause = min(pause * 1.3, 1.0 if self.local else 10.0)

    def known(self, call: Callable[..., Any], **arguments: Any) -> Any:
        """The answer of a call. Raises Skipped where the local cloud does not know it."""
        try:
            return call(**arguments)
        except ClientError as error:
            if self.local and error.response["Error"]["Code"] in UNKNOWN_CALLS:
                raise Skipped(f"the local cloud does not know {error.operation_name}") from error
            raise
