"""What a person has beside their password: the item `factors#<user id>` of `credentials`. No AWS here.

::

    totp            {key, sealed, last_step, since, bits?}: confirmed, and the last time step whose code was used; bits
                    of a secret of another system that is short
    pending         {key, sealed, until}: a TOTP secret that its owner has not confirmed yet
    recovery_codes  the hashes of those left, and recovery_codes_at
    passkeys        [{id, credential, sign_count, name, synced, transports, created_at, last_used_at}]: the credential
                    is WebAuthn's attested credential data, with the public key
    handle          64 bytes at most that stand for the person in authenticators
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from chalicelib.core import clock, ids
from chalicelib.core.aws import records
from chalicelib.core.errors import Conflict

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Item

PASSKEY = "passkey"
TOTP = "totp"
RECOVERY_CODE = "recovery_code"

PASSKEYS_LIMIT = 20

WITHOUT_TOTP = {"totp": None, "pending": None}
WITHOUT_RECOVERY_CODES = {"recovery_codes": None, "recovery_codes_at": None}


Wanted = Literal["required", "advised"]
"""What an administrator without a second factor is told of it: that the role needs one, or that one is better."""


@dataclass(frozen=True)
class Proof:
    """What somebody sends of their second factor: one of the three is enough."""

    otp: str | None = None
    """The code that their authenticator app shows."""
    recovery_code: str | None = None
    passkey: dict[str, Any] | None = None
    """What `navigator.credentials.get()` gave, as its `toJSON()` writes it."""


def kind(proof: Proof) -> str:
    """The name of what is sent of a second factor, or nothing."""
    return next((name for name, sent in vars(proof).items() if sent is not None), "")


def enrolled(person: Person) -> list[str]:
    """The factors that this person has: of `passkey` and `totp`, sorted."""
    return list(person.get("factors", ()))


def check_may_enrol(person: Person) -> None:
    """Raises Conflict for who has not proved their mailbox: whoever does gets the account, and no older factor may
    keep them out of it."""
    if person.get("email") and not person.get("email_verified"):
        raise Conflict("confirm your email address first")


def nothing(user_id: str) -> Item:
    """The factors of somebody who never had one: version 0 is stored nowhere."""
    return {"id": record_id(user_id), "schema": records.SCHEMA, "version": 0}


def record_id(user_id: str) -> str:
    return f"factors#{user_id}"


def following(record: Item, **changes: Any) -> Item:
    """The next version of somebody's factors. None takes a field away."""
    fields = {field: value for field, value in {**record, **changes}.items() if value is not None}
    return {**fields, "version": record["version"] + 1}


def kinds(record: Item) -> list[str]:
    """The factors in a record, as `enrolled` gives them. Recovery codes stand in for a factor, and are none."""
    return sorted({*([PASSKEY] if record.get("passkeys") else []), *([TOTP] if "totp" in record else [])})


def usable(record: Item) -> list[str]:
    """What would prove a second factor at present."""
    return sorted([*kinds(record), *([RECOVERY_CODE] if record.get("recovery_codes") else [])])


def of_person(record: Item) -> dict[str, Any]:
    """What a person's own item says of their factors: their names, and a mark from which the event comes. No two
    changes say the same, so that none is taken for one that was made already."""
    return {
        "factors": kinds(record) or None,
        "factors_change": ids.new_id(),
        "factors_changed_at": clock.timestamp(),
    }


def lost_by(person: Person) -> dict[str, int]:
    """The changes of a person who loses a factor: what was proved with it is proved no more. A version and not a time,
    as with the end of sessions (`accounts.ended_sessions`)."""
    return {"factors_since": person["version"] + 1}


def taken_from(person: Person) -> dict[str, int]:
    """The changes of a person whose factors somebody else takes away: what was proved before is not fresh either."""
    return {**lost_by(person), "proofs_since": person["version"] + 1}


def still_has(person: Person, version: int) -> bool:
    """Whether a person who proved two factors when they were at that version has lost none since."""
    return version >= int(person.get("factors_since", 0))


def is_fresh(person: Person, version: int) -> bool:
    """Whether what a person proved when they were at that version may count as recent at all."""
    return version >= int(person.get("proofs_since", 0))


def find_passkey(record: Item, passkey_id: str) -> Item | None:
    """The passkey with that id, or None."""
    return next((passkey for passkey in record.get("passkeys", ()) if passkey["id"] == passkey_id), None)


def passkey_used(record: Item, used: Item) -> Item:
    """The next version, with what changed of a passkey by its use."""
    passkeys = [used if passkey["id"] == used["id"] else passkey for passkey in record["passkeys"]]
    return following(record, passkeys=passkeys)


def view(record: Item) -> dict[str, Any]:
    """The factors as their owner sees them."""
    totp, codes = record.get("totp"), record.get("recovery_codes")
    return {
        "totp": {"created_at": totp["since"], **_shortness(totp)} if totp else None,
        "recovery_codes": None
        if codes is None
        else {"left": len(codes), "created_at": record["recovery_codes_at"]},
        "passkeys": [passkey_view(passkey) for passkey in record.get("passkeys", ())],
    }


def _shortness(totp: Item) -> dict[str, int]:
    """How long a secret is that another system made shorter than it should be."""
    return {"bits": int(totp["bits"])} if "bits" in totp else {}


def passkey_view(passkey: Item) -> dict[str, Any]:
    """A passkey as its owner sees it."""
    shown = ("id", "name", "synced", "created_at", "last_used_at")
    return {field: passkey.get(field) for field in shown}
