"""How a person proved who they are, as sessions keep it and tokens for applications say it: `amr` (RFC 8176) and `acr`.

This module does not call AWS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from chalicelib import factors

if TYPE_CHECKING:
    from collections.abc import Iterable

Method = Literal["mfa", "otp", "pop", "pwd", "user"]
"""The values of RFC 8176, section 2, that are used: several factors, a code that is good once (of an app, of a mail, a
recovery code), possession of a key, a password, and a test that the person is there, which a passkey makes."""

OF_PASSKEY: tuple[Method, ...] = ("mfa", "pop", "user")

Acr = Literal["aal1", "aal2", "phr"]
"""The authenticator assurance levels of NIST SP 800-63B-4 that a sign-in reaches at most: one factor, or two. `phr` is
the phishing-resistant one of OpenID's EAP ACR values: a passkey, which reaches `aal2` too."""

ACR_VALUES: tuple[Acr, ...] = ("aal1", "aal2", "phr")
"""Each includes those before it."""

_OF_FACTOR: dict[str, tuple[Method, ...]] = {
    "otp": ("mfa", "otp"),
    "recovery_code": ("mfa", "otp"),
    "passkey": OF_PASSKEY,
}


@dataclass(frozen=True)
class Authentication:
    """One proof of who a person is. `way` is the name of the limit that its sessions count against, `connection` the id
    of the identity provider's connection where the person came through one."""

    way: str
    methods: tuple[Method, ...] = ()
    second_factor: bool = False
    connection: str | None = None


def methods_of(
    first: Iterable[Method], proof: factors.PresentedFactor, *, second_factor: bool
) -> tuple[Method, ...]:
    """The methods of a first factor, together with those of the second one where it was proved."""
    further = _OF_FACTOR[factors.kind(proof)] if second_factor else ()
    return tuple(sorted({*first, *further}))


def acr_of(methods: Iterable[str], *, second_factor: bool) -> Acr:
    """The level that these methods reach. `second_factor` says whether two factors still count."""
    if not second_factor:
        return "aal1"
    return "phr" if "pop" in methods else "aal2"


def reaches(acr: str, wanted: Acr) -> bool:
    """Whether a level includes the wanted one."""
    return acr in ACR_VALUES[ACR_VALUES.index(wanted) :]
