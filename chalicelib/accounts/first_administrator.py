"""`create_admin`: create the first administrator. IAM decides who may invoke this function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.accounts import model, new_password
from chalicelib.accounts.credential_store import credentials
from chalicelib.accounts.mailbox_proof import proved_mailbox
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
    """Create an administrator from `{"email", "password"?, "force"?}`. Returns `{"id", "email", "password"}`.

    Without a password, a random one is made. Only this answer ever shows it. The function works once in a stage, so
    that an accidental second call creates no administrator. With `"force": true` it works again. If the email address
    already has an account, `force` makes its person an active administrator with the new password and ends their
    sessions: so operators get in again when no administrator can help. Raises Conflict if there was a first
    administrator, or the email address has an account, and `force` is not set. Raises Malformed for an event of another
    shape, and Invalid for a password that the rules refuse.
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
    administrator = _promote(person, password) if person and force else _create(email, password, force=force)
    return {"id": administrator["id"], "email": email, "password": password}


def _create(email: str, password: str, *, force: bool) -> Person:
    person = model.new_person(source="admin", email=email, email_verified=True, roles=[model.ADMIN])
    only_once = {} if force else {"mark": credentials().marking_first_administrator(person["id"])}
    try:
        return people().create(person, policy.hashed(password), only_once)
    except EmailTaken:
        raise Conflict("the address has an account: with force it becomes an administrator's") from None
    except TransactionRefused:
        raise Conflict("the stage has had its first administrator: force makes a further one") from None


def _promote(person: Person, password: str) -> Person:
    password_row = credentials().password(person["id"])

    def promotion_changes(present: Person) -> dict[str, Any]:
        changes = {"roles": sorted({*present["roles"], model.ADMIN}), "status": "active"}
        return {**changes, **proved_mailbox(present)}

    return people().set_password(person, policy.hashed(password), password_row, promotion_changes)
