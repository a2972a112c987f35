"""What a browser keeps while its person signs in elsewhere: sealed, so that only this stage reads or makes it.

`__Host-rollcall_flow_…` is of one flow, from the way out to the callback; its name ends with a digest of the flow's
`state`, so that several tabs do not disturb each other. `__Host-rollcall_pending` is what the provider proved, while
something is still missing. Both live ten minutes, and are good once (`single_use`). No AWS here but the cached keys.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal

from chalicelib.connections.authorization import Challenge
from chalicelib.connections.provider_identity import ProviderIdentity
from chalicelib.core import clock, ids, wire
from chalicelib.core.crypto import seals
from chalicelib.core.errors import Malformed
from chalicelib.profile import fields
from chalicelib.sessions import cookies

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LIFE_SECONDS = 600
FLOW = "__Host-rollcall_flow_"
PENDING = "__Host-rollcall_pending"
FLOWS_AT_ONCE = 4
FLOWS_CHARACTERS = 4500
"""Flows that one browser has under way, and how long their cookies are together. With more, the oldest go: all headers
of a request share the 10 KB that API Gateway takes, and whoever leads a browser here chooses how long they are."""

Need = Literal["second_factor", "link", "terms"]
"""What is still missing: a second factor, that the person proves their account in another way, or that somebody new
agrees to the terms."""


@dataclass(frozen=True)
class Flow:
    """One sign-in elsewhere, under way. `device` is the token of the browser's device, and `session_id` and `user_id`
    name its session, where it has one; with `links`, an identity is to be linked to that person. `ui_locales` are the
    languages of the page that it began on, for that which it ends on."""

    connection_id: str
    challenge: Challenge
    return_to: str = ""
    ui_locales: str = ""
    device: str = ""
    session_id: str = ""
    user_id: str = ""
    links: bool = False


@dataclass(frozen=True)
class Pending:
    """What a provider has proved, of a sign-in that still needs something: a second factor of the person `user_id`, or
    that they prove the account in another way and link the identity; or of somebody new, that they agree to the terms.
    `id` is good once."""

    id: str
    identity: ProviderIdentity
    user_id: str
    need: Need
    return_to: str = ""
    factors: tuple[str, ...] = ()
    """The second factors that they can prove."""


def flow_cookie(flow: Flow, headers: Mapping[str, str], *, form_post: bool) -> list[str]:
    """The `Set-Cookie` headers that begin a flow. A provider that has the browser post a form from its own page needs
    one that is sent then. The oldest of too many flows are deleted."""
    document = asdict(flow)
    document["until"] = clock.epoch() + LIFE_SECONDS
    value = _seal("flow", document)
    name = _flow_name(flow.challenge.state)
    same_site: Any = "None" if form_post else "Lax"
    return [
        *(cookies.set_cookie(former, "", 0) for former in _surplus(headers, len(value))),
        cookies.set_cookie(name, value, LIFE_SECONDS, same_site=same_site),
    ]


def flow_of(headers: Mapping[str, str], state: str) -> Flow | None:
    """The flow of this browser that has this `state`, or None."""
    document = _open("flow", cookies.value_of(headers, _flow_name(state)))
    if document is None:
        return None
    flow = Flow(**{**document, "challenge": Challenge(**document["challenge"])})
    return flow if flow.challenge.state == state else None


def ended_flow(state: str) -> str:
    """The `Set-Cookie` header that ends a flow."""
    return cookies.set_cookie(_flow_name(state), "", 0)


def pending_cookie(pending: Pending) -> str:
    """The `Set-Cookie` header that keeps what was proved."""
    document = {**asdict(pending), "until": clock.epoch() + LIFE_SECONDS}
    return cookies.set_cookie(PENDING, _seal("pending", document), LIFE_SECONDS, same_site="Lax")


def pending_of(headers: Mapping[str, str]) -> Pending | None:
    """What this browser's person has proved, or None."""
    document = _open("pending", cookies.value_of(headers, PENDING))
    if document is None:
        return None
    identity = document["identity"]
    profile = tuple((name, value) for name, value in identity["profile"])
    proved = ProviderIdentity(**{**identity, "profile": profile})
    return Pending(**{**document, "identity": proved, "factors": tuple(document["factors"])})


def new_pending(
    identity: ProviderIdentity, user_id: str, need: Need, return_to: str, factors: Sequence[str] = ()
) -> Pending:
    """What has to be kept. The provider's texts are for new people alone, and those that break our rules for nobody."""
    clean, _ = fields.check_fields(dict(identity.profile)) if need == "terms" else ({}, [])
    kept = replace(identity, profile=tuple(clean.items()))
    return Pending(ids.new_id(), kept, user_id, need, return_to, tuple(factors))


def ended_pending() -> str:
    """The `Set-Cookie` header that drops what was proved."""
    return cookies.set_cookie(PENDING, "", 0)


def _flow_name(state: str) -> str:
    return FLOW + ids.digest_of(state)[:8]


def _surplus(headers: Mapping[str, str], added: int) -> list[str]:
    """The names of the flows that have to go when one of so many characters is added. A browser sends the oldest first
    (RFC 6265, section 5.4)."""
    names = list(dict.fromkeys(re.findall(rf"(?:^|;\s*)({FLOW}[0-9a-f]{{8}})=", headers.get("cookie", ""))))
    lengths = (len(cookies.value_of(headers, name) or "") for name in reversed(names))
    fitting = sum(total <= FLOWS_CHARACTERS for total in accumulate(lengths, initial=added)) - 1
    return names[: len(names) - max(0, min(fitting, FLOWS_AT_ONCE - 1))]


def _seal(purpose: str, document: Mapping[str, Any]) -> str:
    return seals.sealed_text("sign-in-flows", wire.to_json(document), purpose)


def _open(purpose: str, text: str | None) -> dict[str, Any] | None:
    """The document of a cookie that we made for this purpose, unless it is too old."""
    from cryptography.exceptions import InvalidTag

    if text is None:
        return None
    try:
        document: dict[str, Any] = wire.from_json(seals.opened_text("sign-in-flows", text, purpose))
    except (InvalidTag, ValueError, KeyError, Malformed):
        return None
    return document if document.pop("until") > clock.epoch() else None
