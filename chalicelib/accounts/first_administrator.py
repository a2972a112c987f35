"""`create_admin`: the first administrator, made by whoever may invoke this function (IAM says who)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.accounts import model, new_password
from chalicelib.accounts.credential_store import credentials
from chalicelib.accounts.store import EmailTaken, people
from chalicelib.core import ids
from chalicelib.core.aws.dynamo import TransactionRefused
from chalicelib.core.errors import Conflict, Malformed
from chalicelib.passwords import policy
from chalicelib.profile import email_keys

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person

FIELDS = frozenset({"email", "password", "force"})


def create_admin(event: dict[str, Any]) -> dict[str, str]:
    """Make an administrator from `{"email", "password"?, "force"?}`: `{"id", "email", "password"}`.

    Without a password, one is made up; the answer is the only place where it is ever shown. Works once per stage,
    so that a stray repeat makes nobody powerful. With `"force": true` it works again, and where the address has
    an account already makes that one an active administrator with the new password, ending its sessions: the way
    back in when nobody else can let one in. Raises Conflict where there was a first administrator and no force,
    Malformed for an event of another shape, Invalid for a password that may not be chosen.
    """
    if not isinstance(event, dict) or not {"email"} <= event.keys() <= FIELDS:
        raise Malformed('the event must be {"email": …, "password"?: …, "force"?: true}')
    try:
        email = email_keys.check(event["email"])
    except ValueError as error:
        raise Malformed(f"email {error}") from None
    password = new_password.choose(event.get("password") or ids.new_secret(24), {"email": email})
    force = event.get("force") is True
    person = people().find_by_email(email_keys.email_key(email))
    administrator = _promoted(person, password) if person and force else _new(email, password, force=force)
    return {"id": administrator["id"], "email": email, "password": password}


def _new(email: str, password: str, *, force: bool) -> Person:
    person = model.new_person(source="admin", email=email, email_verified=True, roles=[model.ADMIN])
    only_once = {} if force else {"mark": credentials().marking_first_administrator(person["id"])}
    try:
        return people().create(person, policy.hashed(password), only_once)
    except EmailTaken:
        raise Conflict("the address has an account: with force it becomes an administrator's") from None
    except TransactionRefused:
        raise Conflict("the stage has had its first administrator: force makes a further one") from None


def _promoted(person: Person, password: str) -> Person:
    password_row = credentials().password(person["id"])

    def powerful(present: Person) -> dict[str, Any]:
        changes = {"roles": sorted({*present["roles"], model.ADMIN}), "status": "active"}
        return {**changes, **model.proved_mailbox(present)}

    return people().set_password(person, policy.hashed(password), password_row, powerful)
