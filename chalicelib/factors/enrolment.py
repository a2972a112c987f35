"""Enrolling an authenticator app (TOTP), and making recovery codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from chalicelib import limits
from chalicelib.core import clock
from chalicelib.core.crypto import seals
from chalicelib.core.errors import Conflict, FieldError, Invalid
from chalicelib.core.settings import settings
from chalicelib.factors import model, recovery_codes, totp
from chalicelib.factors.store import FactorChange, factors, no_further_changes

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Action
    from chalicelib.core.crypto.seals import Sealed
    from chalicelib.factors.rows import FactorsRow, PendingTotp, Totp

PENDING_SECONDS = 15 * 60
"""Time to scan the QR code and to type a code back."""


def begin_totp(person: Person) -> tuple[str, str]:
    """A TOTP secret and its `otpauth:` URL. It is a factor once it is confirmed; until then, one that was confirmed
    before stays. Raises Conflict where the person may not enrol."""
    model.check_may_enrol(person)
    secret, user_id = totp.new_secret(), person["id"]
    pending: PendingTotp = {**sealed(user_id, secret), "until": clock.epoch() + PENDING_SECONDS}
    factors().update(user_id, lambda row: model.next_version(row, pending=pending))
    account = person.get("email") or user_id
    return secret, totp.url(secret, issuer=settings().product_name, account=account)


def confirm_totp(person: Person, otp: str) -> None:
    """Make the pending secret a factor, by a code of it. It replaces any TOTP secret before.

    Raises Conflict where no secret is pending, Invalid for a wrong code, TooManyRequests after too many. Wrong codes
    have a counter of their own: a right one must not clear the counter of passwords, and who was just shown the secret
    is not guessing.
    """
    user_id, counter = person["id"], f"enrolment#{person['id']}"
    pending = _pending(factors().of(user_id))
    limits.attempts().reserve(counter)
    step = totp.step_of(opened(user_id, pending), otp)
    if step is None:
        raise Invalid([FieldError(field="otp", message="is not the code of this moment")])

    def confirm(row: FactorsRow) -> FactorChange:
        if _pending(row) != pending:
            raise Conflict("another secret waits by now", code="secret-gone")
        totp_secret: Totp = {
            "key": pending["key"],
            "sealed": pending["sealed"],
            "last_step": step,
            "since": clock.timestamp(),
        }
        changes = model.lost_factor if "totp" in row else no_further_changes
        return FactorChange(model.next_version(row, totp=totp_secret, pending=None), person=changes)

    factors().change(person, confirm)
    limits.attempts().clear(counter)


def new_recovery_codes(person: Person) -> list[str]:
    """Ten recovery codes, which replace any before. They can be read this once only.

    Raises Conflict where the person has no second factor.
    """
    codes = recovery_codes.new_codes()
    hashes = [recovery_codes.hashed(person["id"], code) for code in codes]

    def replace(row: FactorsRow) -> FactorChange:
        if not model.kinds(row):
            raise Conflict("enrol a second factor first: recovery codes stand in for one")
        return FactorChange(model.next_version(row, recovery_codes=hashes, recovery_codes_at=clock.timestamp()))

    factors().change(person, replace)
    return codes


def imported_totp(person: Person, secret: str) -> tuple[Person, Action]:
    """A person who is about to be created, now with a TOTP secret of another system, and the action that stores it in
    the same transaction. Raises ValueError where it is no TOTP secret, or too weak."""
    checked = totp.check_secret(secret)
    totp_secret = cast("Totp", {**sealed(person["id"], checked), "last_step": -1, "since": clock.timestamp()})
    length = totp.bits(checked)
    if length < totp.RECOMMENDED_BITS:
        totp_secret["bits"] = length
    row = model.next_version(model.no_factors(person["id"]), totp=totp_secret)
    return {**person, "factors": model.kinds(row)}, factors().creating(row)


def exported_totp(row: FactorsRow) -> str | None:
    """The TOTP secret in a person's factors, for an export; None where there is none."""
    user_id = row["id"].removeprefix(model.row_id(""))
    return opened(user_id, row["totp"]) if "totp" in row else None


def sealed(user_id: str, secret: str) -> Sealed:
    """A TOTP secret as it is stored: sealed under the current key, for this person alone."""
    return seals.seal("factors", secret.encode(), user_id)


def opened(user_id: str, stored: Sealed) -> str:
    """The TOTP secret that was sealed so."""
    return seals.opened("factors", stored, user_id).decode()


def _pending(row: FactorsRow) -> PendingTotp:
    """The secret that its owner has not confirmed yet. Raises Conflict where there is none, or its time is over."""
    pending = row.get("pending")
    if pending is None or pending["until"] <= clock.epoch():
        raise Conflict("no secret waits to be confirmed: ask for one at POST /me/totp", code="secret-gone")
    return pending
