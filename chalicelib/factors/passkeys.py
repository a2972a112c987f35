"""Passkeys: making one, and being told who somebody is by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.core import clock, ids, logs
from chalicelib.core.errors import Conflict, FieldError, Invalid, Unauthenticated
from chalicelib.factors import ceremonies, model
from chalicelib.factors.ceremonies import Rejected
from chalicelib.factors.challenges import challenges
from chalicelib.factors.store import Change, factors

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Item

Found = TypeVar("Found")

HANDLE_BYTES = 32
"""At random, so that a passkey tells nobody whose it is; 64 are the most (WebAuthn, section 5.4.3)."""

_REFUSED = "this passkey is not accepted"


def registration_options(person: Person) -> dict[str, Any]:
    """What a browser's `navigator.credentials.create()` needs. Raises Conflict where twenty are enough, and for
    who may not enrol."""
    model.check_may_enrol(person)
    user_id = person["id"]
    record = _with_handle(user_id)
    _check_room(record)
    name = person.get("email") or person.get("name") or user_id
    return ceremonies.creation_options(
        challenges().new("register", user_id),
        record["handle"],
        name,
        person.get("name") or name,
        [passkey["id"] for passkey in record.get("passkeys", ())],
    )


def register(person: Person, name: str, response: dict[str, Any]) -> Item:
    """Keep the passkey that a browser made. Raises Invalid for an answer that does not hold, or to another challenge
    than this person was given and has not used, Conflict where it is known already or twenty are enough."""
    user_id = person["id"]
    try:
        answer = ceremonies.parsed_registration(response)
        challenge = answer.response.client_data.challenge
        if not challenges().use_up(challenge, "register", user_id):
            raise Rejected
        made = ceremonies.registered(answer, challenge)
    except Rejected as rejected:
        raise Invalid([FieldError(field="response", message=_REFUSED)]) from rejected
    known = {"transports": reached} if (reached := ceremonies.transports(response)) else {}
    passkey = {**made, **known, "name": name, "created_at": clock.timestamp()}

    def added(record: Item) -> Change:
        _check_room(record)
        if factors().owner_of(passkey["id"]) is not None:
            raise Conflict("this passkey is registered already")
        passkeys = [*record.get("passkeys", ()), passkey]
        claiming = {"passkey": factors().claiming(passkey["id"], user_id)}
        return Change(model.following(record, passkeys=passkeys), claiming)

    factors().change(person, added)
    return passkey


def options() -> dict[str, Any]:
    """What a browser's `navigator.credentials.get()` needs to let somebody choose any passkey of this site: it
    names nobody's."""
    return ceremonies.request_options(challenges().new("sign-in"))


def sign_in(response: dict[str, Any], find: Callable[[str], Found]) -> Found:
    """The person whose passkey answered, as `find` gives them by their id: two reads and two writes beside that. They
    are read before the passkey is checked, so that one which is taken away meanwhile has proved nothing. The challenge
    is used up whatever comes of it. Raises Unauthenticated."""
    answer = _answered(response)
    user_id = factors().owner_of(ids.base64url(answer.raw_id))
    if user_id is None or not answer.response.user_handle:
        raise Unauthenticated(_REFUSED)
    found = find(user_id)
    _use(user_id, answer)
    return found


def prove(user_id: str, response: dict[str, Any]) -> None:
    """Hold a known person to a passkey of theirs. Raises Unauthenticated."""
    _use(user_id, _answered(response))


def _answered(response: dict[str, Any]) -> Any:
    """An answer to a challenge that was ours, and is used up by now. Raises Unauthenticated."""
    try:
        answer = ceremonies.parsed_authentication(response)
    except Rejected as rejected:
        raise Unauthenticated(_REFUSED) from rejected
    if not challenges().use_up(answer.response.client_data.challenge, "sign-in"):
        raise Unauthenticated(_REFUSED)
    return answer


def _use(user_id: str, answer: Any) -> None:
    """Check the answer, and note that the passkey was used: one read, one conditional write. An empty handle is none:
    some browsers write what is absent so."""
    passkey_id, handle = ids.base64url(answer.raw_id), answer.response.user_handle

    def used(record: Item) -> Item:
        passkey = model.find_passkey(record, passkey_id)
        if passkey is None or (handle and handle != record["handle"]):
            raise Unauthenticated(_REFUSED)
        return model.passkey_used(record, {**passkey, **_seen(user_id, passkey, answer)})

    factors().update(user_id, used)


def _seen(user_id: str, passkey: Item, answer: Any) -> Item:
    """What changes of a passkey by this use. Raises Unauthenticated."""
    try:
        now = ceremonies.authenticated(answer, answer.response.client_data.challenge, passkey["credential"])
    except Rejected as rejected:
        raise Unauthenticated(_REFUSED) from rejected
    before = passkey["sign_count"]
    if (before or now["sign_count"]) and now["sign_count"] <= before:
        logs.warning("a passkey's counter went back: there may be a copy of it", user_id=user_id)
        raise Unauthenticated(_REFUSED)
    return {**now, "last_used_at": clock.timestamp()}


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
