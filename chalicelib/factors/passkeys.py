"""Passkeys: registering one, and signing in with one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from chalicelib.core import clock, ids, logs
from chalicelib.core.errors import Conflict, FieldError, Invalid, Unauthenticated
from chalicelib.factors import ceremonies, model
from chalicelib.factors.ceremonies import Rejected
from chalicelib.factors.challenges import challenges
from chalicelib.factors.store import FactorChange, factors

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.accounts.rows import Person
    from chalicelib.factors.rows import FactorsRow, Passkey, PasskeyUse

Account = TypeVar("Account")

HANDLE_BYTES = 32
"""Random bytes, so that a passkey does not show whose it is; 64 at most (WebAuthn, section 5.4.3)."""

_REFUSED = "this passkey is not accepted"


def registration_options(person: Person) -> dict[str, Any]:
    """What a browser's `navigator.credentials.create()` needs. Raises Conflict where the person has twenty passkeys, or
    may not enrol."""
    model.check_may_enrol(person)
    user_id = person["id"]
    row = _with_handle(user_id)
    _check_limit(row)
    name = person.get("email") or person.get("name") or user_id
    return ceremonies.creation_options(
        challenges().new("register", user_id),
        row["handle"],
        name,
        person.get("name") or name,
        [passkey["id"] for passkey in row.get("passkeys", ())],
    )


def register(person: Person, name: str, response: dict[str, Any]) -> Passkey:
    """Store the passkey that a browser made. Raises Invalid where the answer is not valid, or its challenge is not an
    unused one of this person; Conflict where the passkey is registered already, or the person has twenty."""
    user_id = person["id"]
    try:
        answer = ceremonies.parsed_registration(response)
        challenge = answer.response.client_data.challenge
        if not challenges().use_up(challenge, "register", user_id):
            raise Rejected
        credential = ceremonies.registered(answer, challenge)
    except Rejected as rejected:
        raise Invalid([FieldError(field="response", message=_REFUSED)]) from rejected
    passkey = cast("Passkey", {**credential, "name": name, "created_at": clock.timestamp()})
    if transports := ceremonies.transports(response):
        passkey["transports"] = transports

    def add(row: FactorsRow) -> FactorChange:
        _check_limit(row)
        if factors().owner_of(passkey["id"]) is not None:
            raise Conflict("this passkey is registered already", code="passkey-present")
        passkeys = [*row.get("passkeys", ()), passkey]
        claim = {"passkey": factors().claiming(passkey["id"], user_id)}
        return FactorChange(model.next_version(row, passkeys=passkeys), claim)

    factors().change(person, add)
    return passkey


def options() -> dict[str, Any]:
    """What a browser's `navigator.credentials.get()` needs, so that the person can choose any passkey of this site: it
    names none."""
    return ceremonies.request_options(challenges().new("sign-in"))


def sign_in(response: dict[str, Any], find: Callable[[str], Account]) -> Account:
    """The person whose passkey signed the challenge, as `find` gives them by their id: two reads and two writes more.

    The person is read before the passkey is checked, so that a passkey that is removed meanwhile proves nothing. The
    challenge is used up in any case. Raises Unauthenticated."""
    answer = _answer_to_challenge(response)
    user_id = factors().owner_of(ids.base64url(answer.raw_id))
    if user_id is None or not answer.response.user_handle:
        raise Unauthenticated(_REFUSED)
    account = find(user_id)
    _record_use(user_id, answer)
    return account


def verify(user_id: str, response: dict[str, Any]) -> None:
    """Check that a passkey of this person signed a challenge of ours. Raises Unauthenticated."""
    _record_use(user_id, _answer_to_challenge(response))


def _answer_to_challenge(response: dict[str, Any]) -> Any:
    """The answer to a challenge of ours, which is used up now. Raises Unauthenticated."""
    try:
        answer = ceremonies.parsed_authentication(response)
    except Rejected as rejected:
        raise Unauthenticated(_REFUSED) from rejected
    if not challenges().use_up(answer.response.client_data.challenge, "sign-in"):
        raise Unauthenticated(_REFUSED)
    return answer


def _record_use(user_id: str, answer: Any) -> None:
    """Check the answer, and store that the passkey was used: one read, one conditional write. An empty handle counts as
    none: some browsers write an absent one so."""
    passkey_id, handle = ids.base64url(answer.raw_id), answer.response.user_handle

    def use(row: FactorsRow) -> FactorsRow:
        passkey = model.find_passkey(row, passkey_id)
        if passkey is None or (handle and handle != row["handle"]):
            raise Unauthenticated(_REFUSED)
        return model.passkey_used(
            row, {**passkey, **_checked_use(user_id, passkey, answer), "last_used_at": clock.timestamp()}
        )

    factors().update(user_id, use)


def _checked_use(user_id: str, passkey: Passkey, answer: Any) -> PasskeyUse:
    """What the authenticator says of the passkey at this use. Raises Unauthenticated."""
    try:
        use = ceremonies.authenticated(answer, answer.response.client_data.challenge, passkey["credential"])
    except Rejected as rejected:
        raise Unauthenticated(_REFUSED) from rejected
    before = passkey["sign_count"]
    if (before or use["sign_count"]) and use["sign_count"] <= before:
        logs.warning("a passkey's counter went back: there may be a copy of it", user_id=user_id)
        raise Unauthenticated(_REFUSED)
    return use


def _with_handle(user_id: str) -> FactorsRow:
    """A person's factors, with the handle by which authenticators know them: made for the first passkey, then kept."""
    row = factors().of(user_id)
    if "handle" in row:
        return row
    handle = ids.from_base64url(ids.new_secret(HANDLE_BYTES))
    return factors().update(
        user_id, lambda present: model.next_version(present, handle=present.get("handle", handle))
    )


def _check_limit(row: FactorsRow) -> None:
    if len(row.get("passkeys", ())) >= model.PASSKEYS_LIMIT:
        raise Conflict(f"{model.PASSKEYS_LIMIT} passkeys are enough: remove one first", code="passkeys-enough")
