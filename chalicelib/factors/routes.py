"""Second factors over HTTP: one-time codes, recovery codes and passkeys of one's own, and those of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib.accounts import people, person_of
from chalicelib.core.http.routing import ADMIN, SIGNED_IN, SUPPORT, NoQuery, Proof, Request, declares, listing
from chalicelib.factors import enrolment, model, passkeys, removal
from chalicelib.factors.schemas import (
    CreationOptions,
    Factors,
    NewPasskey,
    NewRecoveryCodes,
    Passkey,
    PasskeyList,
    TotpCode,
    TotpSecret,
)
from chalicelib.factors.status import need_of, view

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person

factors = Blueprint(__name__)

RESPONSE_LIMIT = 64 * 1024
"""Bytes: a passkey's answer has some hundred, and an attestation with certificates a few thousand."""


@factors.route("/me/factors", methods=["GET", "HEAD"], content_types=[])
@declares(who=SIGNED_IN, answers={200: Factors})
def read_factors(request: Request[None, NoQuery]) -> dict[str, Any]:
    """See which second factors I have, and as an administrator without any, whether I need one."""
    return _shown(person_of(request.caller))


@factors.route("/me/totp", methods=["POST"], content_types=[])
@declares(who=SIGNED_IN, answers={201: TotpSecret}, proof=Proof.PERSON)
def begin_totp(request: Request[None, NoQuery]) -> TotpSecret:
    """Get a secret for an authenticator app, which is a factor once it is confirmed."""
    secret, url = enrolment.begin_totp(person_of(request.caller))
    return TotpSecret(secret=secret, otpauth_url=url)


@factors.route("/me/totp/confirm", methods=["POST"], content_types=[])
@declares(who=SIGNED_IN, body=TotpCode, answers={204: None})
def confirm_totp(request: Request[TotpCode, NoQuery]) -> None:
    """Confirm the authenticator app with a code that it shows."""
    enrolment.confirm_totp(person_of(request.caller), request.body.otp)


@factors.route("/me/totp", methods=["DELETE"], content_types=[])
@declares(who=SIGNED_IN, answers={204: None}, proof=Proof.PERSON)
def remove_totp(request: Request[None, NoQuery]) -> None:
    """Remove my authenticator app."""
    removal.remove_totp(person_of(request.caller))


@factors.route("/me/recovery-codes", methods=["POST"], content_types=[])
@declares(who=SIGNED_IN, answers={201: NewRecoveryCodes}, proof=Proof.PERSON)
def make_recovery_codes(request: Request[None, NoQuery]) -> NewRecoveryCodes:
    """Get ten recovery codes in the place of any before."""
    return NewRecoveryCodes(recovery_codes=enrolment.new_recovery_codes(person_of(request.caller)))


@factors.route("/me/passkeys", methods=["GET", "HEAD"], content_types=[])
@declares(who=SIGNED_IN, answers={200: PasskeyList})
def list_passkeys(request: Request[None, NoQuery]) -> dict[str, Any]:
    """List my passkeys."""
    return listing(view(request.caller.id)["passkeys"], None)


@factors.route("/me/passkeys/options", methods=["POST"], content_types=[])
@declares(who=SIGNED_IN, answers={200: CreationOptions}, proof=Proof.PERSON)
def ask_for_passkey(request: Request[None, NoQuery]) -> dict[str, Any]:
    """Get what a browser needs to make a passkey."""
    return passkeys.registration_options(person_of(request.caller))


@factors.route("/me/passkeys", methods=["POST"], content_types=[])
@declares(who=SIGNED_IN, body=NewPasskey, answers={201: Passkey}, proof=Proof.PERSON, body_limit=RESPONSE_LIMIT)
def register_passkey(request: Request[NewPasskey, NoQuery]) -> dict[str, Any]:
    """Register the passkey that a browser made."""
    passkey = passkeys.register(person_of(request.caller), request.body.name, request.body.response)
    return model.passkey_view(passkey)


@factors.route("/me/passkeys/{passkey_id}", methods=["DELETE"], content_types=[])
@declares(who=SIGNED_IN, answers={204: None}, proof=Proof.PERSON)
def remove_passkey(request: Request[None, NoQuery], passkey_id: str) -> None:
    """Remove one of my passkeys."""
    removal.remove_passkey(person_of(request.caller), passkey_id)


@factors.route("/users/{user_id}/factors", methods=["GET", "HEAD"], content_types=[])
@declares(who=SUPPORT, answers={200: Factors})
def read_factors_of(_: Request[None, NoQuery], user_id: str) -> dict[str, Any]:
    """See which second factors a person has, and whether an administrator without any needs one."""
    return _shown(people().get(user_id))


@factors.route("/users/{user_id}/factors", methods=["DELETE"], content_types=[])
@declares(who=ADMIN, answers={204: None}, proof=Proof.PERSON)
def remove_factors(_: Request[None, NoQuery], user_id: str) -> None:
    """Remove every second factor of a person who has lost them."""
    removal.remove_all(user_id)


@factors.route("/users/{user_id}/totp", methods=["DELETE"], content_types=[])
@declares(who=ADMIN, answers={204: None}, proof=Proof.PERSON)
def remove_totp_of(_: Request[None, NoQuery], user_id: str) -> None:
    """Remove the authenticator app of a person who has lost it."""
    removal.remove_totp_of(user_id)


@factors.route("/users/{user_id}/passkeys/{passkey_id}", methods=["DELETE"], content_types=[])
@declares(who=ADMIN, answers={204: None}, proof=Proof.PERSON)
def remove_passkey_of(_: Request[None, NoQuery], user_id: str, passkey_id: str) -> None:
    """Remove a passkey of a person who has lost it, also their last way in."""
    removal.remove_passkey_of(user_id, passkey_id)


def _shown(person: Person) -> dict[str, Any]:
    need = need_of(person)
    return {**view(person["id"]), **({"wanted": need} if need else {})}
