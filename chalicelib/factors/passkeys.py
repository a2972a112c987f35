"""Passkeys (WebAuthn Level 3): making one, and being told who somebody is by one.

Every one is discoverable and verifies its user (by finger, face or PIN), so it stands for two factors. What the
authenticator is made by is not asked for.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock, ids, logs
from chalicelib.core.errors import Conflict, FieldError, Invalid, Unauthenticated
from chalicelib.factors import model, relying_party
from chalicelib.factors.challenges import LIFETIME_SECONDS, challenges
from chalicelib.factors.store import Change, factors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.core.dynamo import Item
    from chalicelib.core.errors import RollcallError

HANDLE_BYTES = 32
"""At random, so that a passkey tells nobody whose it is; 64 are the most (WebAuthn, section 5.4.3)."""
ID_LIMIT = 1023
"""Bytes (WebAuthn, section 5.8.3)."""
PUBLIC_KEY_LIMIT = 1024
"""Bytes: an RSA key of 4096 bits takes half."""

_NO_PASSKEY = "this passkey is not accepted"


def registration_options(person: Item) -> dict[str, Any]:
    """What a browser's `navigator.credentials.create()` needs. Raises Conflict where twenty are enough, and for
    who may not enrol."""
    from webauthn import generate_registration_options
    from webauthn.helpers import options_to_json_dict
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    model.check_may_enrol(person)
    user_id = person["id"]
    record = _with_handle(user_id)
    _check_room(record)
    name = person.get("email") or person.get("name") or user_id
    options = generate_registration_options(
        rp_id=relying_party.rp_id(),
        rp_name=relying_party.rp_id(),
        user_id=record["handle"],
        user_name=name,
        user_display_name=person.get("name") or name,
        challenge=challenges().new("register", user_id),
        timeout=LIFETIME_SECONDS * 1000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(ids.from_base64url(passkey["id"]))
            for passkey in record.get("passkeys", ())
        ],
    )
    return options_to_json_dict(options)


def register(person: Item, name: str, response: dict[str, Any]) -> Item:
    """Keep the passkey that a browser made. Raises Invalid for an answer that does not hold, or to another challenge
    than this person was given and has not used, Conflict where it is known already or twenty are enough."""
    with _refused(Invalid([FieldError(field="response", message=_NO_PASSKEY)])):
        passkey = _registered(person["id"], name, response)

    def added(record: Item) -> Change:
        _check_room(record)
        if factors().owner_of(passkey["id"]) is not None:
            raise Conflict("this passkey is registered already")
        passkeys = [*record.get("passkeys", ()), passkey]
        claiming = factors().claiming(passkey["id"], person["id"])
        return Change(model.following(record, passkeys=passkeys), [claiming])

    factors().change(person, added)
    return passkey


def options() -> dict[str, Any]:
    """What a browser's `navigator.credentials.get()` needs to let somebody choose any passkey of this site: it
    names nobody's."""
    from webauthn import generate_authentication_options
    from webauthn.helpers import options_to_json_dict
    from webauthn.helpers.structs import UserVerificationRequirement

    asked = generate_authentication_options(
        rp_id=relying_party.rp_id(),
        challenge=challenges().new("sign-in"),
        timeout=LIFETIME_SECONDS * 1000,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(asked)


def sign_in(response: dict[str, Any]) -> str:
    """The id of the person whose passkey answered: two reads and two writes. The challenge is used up whatever comes
    of it. Raises Unauthenticated."""
    credential = _answered(response)
    user_id = factors().owner_of(ids.base64url(credential.raw_id))
    if user_id is None or credential.response.user_handle is None:
        raise Unauthenticated(_NO_PASSKEY)
    _use(user_id, credential)
    return user_id


def prove(user_id: str, response: dict[str, Any]) -> None:
    """Hold a known person to a passkey of theirs. Raises Unauthenticated."""
    _use(user_id, _answered(response))


def _registered(user_id: str, name: str, response: dict[str, Any]) -> Item:
    from webauthn import verify_registration_response
    from webauthn.helpers import (
        decode_credential_public_key,
        decoded_public_key_to_cryptography,
        parse_registration_credential_json,
    )

    credential = parse_registration_credential_json(response)
    challenge = _challenge(credential.response.client_data_json)
    if not challenges().use_up(challenge, "register", user_id):
        raise ValueError("another's challenge, an old one, or one that was used")
    verified = verify_registration_response(
        credential=credential,
        expected_challenge=challenge,
        expected_rp_id=relying_party.rp_id(),
        expected_origin=relying_party.origin(),
        require_user_verification=True,
    )
    public_key = verified.credential_public_key
    if len(verified.credential_id) > ID_LIMIT or len(public_key) > PUBLIC_KEY_LIMIT:
        raise ValueError("beyond what a passkey may be")
    decoded_public_key_to_cryptography(decode_credential_public_key(public_key))
    return {
        "id": ids.base64url(verified.credential_id),
        "name": name,
        "public_key": public_key,
        "sign_count": verified.sign_count,
        "synced": verified.credential_backed_up,
        "created_at": clock.timestamp(),
    }


def _answered(response: dict[str, Any]) -> Any:
    """An answer whose challenge was ours, and is used up by now. Raises Unauthenticated."""
    from webauthn.helpers import parse_authentication_credential_json

    with _refused(Unauthenticated(_NO_PASSKEY)):
        credential = parse_authentication_credential_json(response)
        if not challenges().use_up(_challenge(credential.response.client_data_json), "sign-in"):
            raise ValueError("a challenge that is not ours, an old one, or one that was used")
        return credential


def _use(user_id: str, credential: Any) -> None:
    """Check the answer, and note that the passkey was used: one read, one conditional write."""

    def used(record: Item) -> Item:
        passkey = model.find_passkey(record, ids.base64url(credential.raw_id))
        handle = credential.response.user_handle
        if passkey is None or handle not in {None, record.get("handle")}:
            raise Unauthenticated(_NO_PASSKEY)
        return model.passkey_used(record, {**passkey, **_verified(user_id, passkey, credential)})

    factors().update(user_id, used)


def _verified(user_id: str, passkey: Item, credential: Any) -> Item:
    """What an answer changes of a passkey. Raises Unauthenticated."""
    from webauthn import verify_authentication_response

    with _refused(Unauthenticated(_NO_PASSKEY)):
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=_challenge(credential.response.client_data_json),
            expected_rp_id=relying_party.rp_id(),
            expected_origin=relying_party.origin(),
            credential_public_key=passkey["public_key"],
            credential_current_sign_count=0,  # compared below, once the signature is known to be right
            require_user_verification=True,
        )
    before, now = passkey["sign_count"], verified.new_sign_count
    if (before or now) and now <= before:
        logs.warning("a passkey's counter went back: there may be a copy of it", user_id=user_id)
        raise Unauthenticated(_NO_PASSKEY)
    return {"sign_count": now, "synced": verified.credential_backed_up, "last_used_at": clock.timestamp()}


def _challenge(client_data: bytes) -> bytes:
    """The challenge that was answered. Raises ValueError where a page of another origin framed the one that asked."""
    from webauthn.helpers import parse_client_data_json

    parsed = parse_client_data_json(client_data)
    if parsed.cross_origin:
        raise ValueError("asked for in another site's frame")
    return parsed.challenge


def _with_handle(user_id: str) -> Item:
    """A person's factors, with the handle that authenticators know them by: made at the first passkey, and kept."""
    record = factors().of(user_id)
    if "handle" in record:
        return record
    handle = ids.from_base64url(ids.new_secret(HANDLE_BYTES))
    return factors().update(
        user_id, lambda present: model.following(present, handle=present.get("handle", handle))
    )


def _check_room(record: Item) -> None:
    if len(record.get("passkeys", ())) >= model.PASSKEYS_LIMIT:
        raise Conflict(f"{model.PASSKEYS_LIMIT} passkeys are enough: remove one first")


@contextmanager
def _refused(error: RollcallError) -> Iterator[None]:
    """Raises `error` for an answer that the library refuses, or trips over: made up at will, it can be anything."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from webauthn.helpers.exceptions import WebAuthnException

    tripped = (ValueError, TypeError, LookupError, AttributeError, RecursionError)
    try:
        yield
    except (WebAuthnException, InvalidSignature, UnsupportedAlgorithm, *tripped) as refusal:
        raise error from refusal
