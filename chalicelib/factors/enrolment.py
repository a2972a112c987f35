"""One-time codes and recovery codes come to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import limits
from chalicelib.core import clock
from chalicelib.core.crypto import seals
from chalicelib.core.errors import Conflict, FieldError, Invalid
from chalicelib.factors import model, recovery_codes, relying_party, totp
from chalicelib.factors.store import Change, factors, nothing_more

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Action, Item

PENDING_SECONDS = 15 * 60
"""For scanning a code and typing one back."""


def begin_totp(person: Person) -> tuple[str, str]:
    """A TOTP secret and its `otpauth:` URL, good once it is confirmed. Another one that was confirmed before goes on
    until then. Raises Conflict for who may not enrol."""
    model.check_may_enrol(person)
    secret, user_id = totp.new_secret(), person["id"]
    pending = {**sealed(user_id, secret), "until": clock.epoch() + PENDING_SECONDS}
    factors().update(user_id, lambda record: model.following(record, pending=pending))
    account = person.get("email") or user_id
    return secret, totp.url(secret, issuer=relying_party.rp_id(), account=account)


def confirm_totp(person: Person, otp: str) -> None:
    """Make the secret that waits a factor, by a code that it made. One that was a factor before is none any more.

    Raises Conflict where none waits any more, Invalid for a wrong code, TooManyRequests after too many. They are
    counted under a name of their own: who was just shown the secret guesses at nothing of anybody's, and a right
    one must not wipe out what was counted of passwords.
    """
    user_id, counter = person["id"], f"enrolment#{person['id']}"
    waiting = _waiting(factors().of(user_id))
    limits.attempts().reserve(counter)
    step = totp.step_of(opened(user_id, waiting), otp)
    if step is None:
        raise Invalid([FieldError(field="otp", message="is not the code of this moment")])

    def confirmed(record: Item) -> Change:
        if _waiting(record) != waiting:
            raise Conflict("another secret waits by now")
        made = {"key": waiting["key"], "sealed": waiting["sealed"], "last_step": step, "since": clock.timestamp()}
        lost = model.lost_by if "totp" in record else nothing_more
        return Change(model.following(record, totp=made, pending=None), person=lost)

    factors().change(person, confirmed)
    limits.attempts().clear(counter)


def new_recovery_codes(person: Person) -> list[str]:
    """Ten recovery codes in the place of any before; this is the only time that they can be read.

    Raises Conflict where there is no factor that they could stand in for.
    """
    codes = recovery_codes.new_codes()
    hashes = [recovery_codes.hashed(person["id"], code) for code in codes]

    def replaced(record: Item) -> Change:
        if not model.kinds(record):
            raise Conflict("enrol a second factor first: recovery codes stand in for one")
        return Change(model.following(record, recovery_codes=hashes, recovery_codes_at=clock.timestamp()))

    factors().change(person, replaced)
    return codes


def imported_totp(person: Person, secret: str) -> tuple[Person, Action]:
    """A person who is about to be made, with a TOTP secret of another system, and the action of the same transaction
    that keeps it. Raises ValueError where it is none, or too weak."""
    checked = totp.check_secret(secret)
    made = {**sealed(person["id"], checked), "last_step": -1, "since": clock.timestamp()}
    length = totp.bits(checked)
    short = {"bits": length} if length < totp.RECOMMENDED_BITS else {}
    record = model.following(model.nothing(person["id"]), totp={**made, **short})
    return {**person, "factors": model.kinds(record)}, factors().creating(record)


def exported_totp(record: Item) -> str | None:
    """The TOTP secret in the factors of a person, for whoever moves them elsewhere; None where it holds none."""
    user_id = record["id"].removeprefix(model.record_id(""))
    return opened(user_id, record["totp"]) if "totp" in record else None


def sealed(user_id: str, secret: str) -> Item:
    """A TOTP secret as it is stored: under the current key, for this person alone."""
    return seals.seal("factors", secret.encode(), user_id)


def opened(user_id: str, stored: Item) -> str:
    """The TOTP secret that is stored."""
    return seals.opened("factors", stored, user_id).decode()


def _waiting(record: Item) -> Item:
    pending: Item | None = record.get("pending")
    if pending is None or pending["until"] <= clock.epoch():
        raise Conflict("no secret waits to be confirmed: ask for one at POST /me/totp")
    return pending
