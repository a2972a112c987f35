"""The second factors of a person: the row of `rows.FactorsRow`, what it means, and its next versions. No AWS here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from chalicelib.core import clock, ids
from chalicelib.core.aws import records
from chalicelib.core.errors import Conflict

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person
    from chalicelib.factors.rows import FactorsRow, Passkey, Totp

PASSKEY = "passkey"
TOTP = "totp"
RECOVERY_CODE = "recovery_code"

LEFT_BEHIND = "second_factors_left_behind"
"""The member of a person's `metadata` that names the second factors which they have elsewhere, and did not bring."""

PASSKEYS_LIMIT = 20

WITHOUT_TOTP = {"totp": None, "pending": None}
WITHOUT_RECOVERY_CODES = {"recovery_codes": None, "recovery_codes_at": None}


Need = Literal["required", "advised"]
"""Whether an administrator without a second factor must enrol one for the role to work, or should."""


@dataclass(frozen=True)
class PresentedFactor:
    """What a person sends to prove their second factor: one of the three is enough."""

    otp: str | None = None
    """The code that their authenticator app shows."""
    recovery_code: str | None = None
    passkey: dict[str, Any] | None = None
    """What `navigator.credentials.get()` gave, as its `toJSON()` writes it."""


def kind(proof: PresentedFactor) -> str:
    """The name of the second factor that is sent, or the empty text."""
    return next((name for name, sent in vars(proof).items() if sent is not None), "")


def enrolled(person: Person) -> list[str]:
    """The second factors that the person has: `passkey`, `totp`, or both, sorted."""
    return list(person.get("factors", ()))


def check_may_enrol(person: Person) -> None:
    """Raises Conflict where the person has not confirmed their email address. Who confirms it gets the account, and no
    factor that somebody else enrolled before may lock them out."""
    if person.get("email") and not person.get("email_verified"):
        raise Conflict("confirm your email address first", code="unconfirmed-address")


def no_factors(user_id: str) -> FactorsRow:
    """The row of a person who never had a factor. It has version 0, which is never stored."""
    return {"id": row_id(user_id), "schema": records.SCHEMA, "version": 0}


def row_id(user_id: str) -> str:
    return f"factors#{user_id}"


def next_version(row: FactorsRow, **changes: Any) -> FactorsRow:
    """The next version of a person's factors. A change to None removes the attribute."""
    attributes = {name: value for name, value in {**row, **changes}.items() if value is not None}
    return cast("FactorsRow", {**attributes, "version": row["version"] + 1})


def kinds(row: FactorsRow) -> list[str]:
    """The factors in a row, as `enrolled` gives them. Recovery codes are no factor: they stand in for one."""
    return sorted({*([PASSKEY] if row.get("passkeys") else []), *([TOTP] if "totp" in row else [])})


def usable(row: FactorsRow) -> list[str]:
    """What can prove a second factor at present."""
    return sorted([*kinds(row), *([RECOVERY_CODE] if row.get("recovery_codes") else [])])


def changes_of_person(row: FactorsRow) -> dict[str, Any]:
    """The changes of the person's own row: the names of their factors, and the mark from which the event is made. Each
    change has an id, so that none is taken for one that was written already."""
    return {
        "factors": kinds(row) or None,
        "factors_change": ids.new_id(),
        "factors_changed_at": clock.timestamp(),
    }


def lost_factor(person: Person) -> dict[str, int]:
    """The changes of a person who loses a factor: a second factor that was proved before counts no more. A version and
    not a time, as with the end of sessions (`accounts.ended_sessions`)."""
    return {"factors_since": person["version"] + 1}


def taken_factors(person: Person) -> dict[str, int]:
    """The changes of a person whose factors an administrator takes away: no proof from before is fresh either."""
    return {**lost_factor(person), "proofs_since": person["version"] + 1}


def still_has(person: Person, version: int) -> bool:
    """Whether a person who proved two factors when they were at that version has lost none since."""
    return version >= int(person.get("factors_since", 0))


def is_fresh(person: Person, version: int) -> bool:
    """Whether a proof that a person gave when they were at that version may count as recent at all."""
    return version >= int(person.get("proofs_since", 0))


def find_passkey(row: FactorsRow, passkey_id: str) -> Passkey | None:
    """The passkey with that id, or None."""
    return next((passkey for passkey in row.get("passkeys", ()) if passkey["id"] == passkey_id), None)


def passkey_used(row: FactorsRow, used: Passkey) -> FactorsRow:
    """The next version of the row, in which the passkey is as it is after its use."""
    passkeys = [used if passkey["id"] == used["id"] else passkey for passkey in row["passkeys"]]
    return next_version(row, passkeys=passkeys)


def view(row: FactorsRow) -> dict[str, Any]:
    """The factors as their owner sees them."""
    totp, codes = row.get("totp"), row.get("recovery_codes")
    return {
        "totp": {"created_at": totp["since"], **_shortness(totp)} if totp else None,
        "recovery_codes": None if codes is None else {"left": len(codes), "created_at": row["recovery_codes_at"]},
        "passkeys": [passkey_view(passkey) for passkey in row.get("passkeys", ())],
    }


def _shortness(totp: Totp) -> dict[str, int]:
    """The length of a secret that is shorter than it should be, from another system."""
    return {"bits": int(totp["bits"])} if "bits" in totp else {}


def passkey_view(passkey: Passkey) -> dict[str, Any]:
    """A passkey as its owner sees it."""
    shown = ("id", "name", "synced", "created_at", "last_used_at")
    return {field: passkey.get(field) for field in shown}
