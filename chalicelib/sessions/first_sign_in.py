"""The first sign-in of a person whose password the old system alone has (`chalicelib.migration`): it is asked once, and
what it said yes to is hashed and stored here. From then on the password is ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from chalicelib import accounts, factors, migration, passwords, profile
from chalicelib.core import logs
from chalicelib.core.aws.dynamo import TransactionRefused
from chalicelib.core.errors import Conflict, NotFound
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.accounts.rows import Password, Person
    from chalicelib.core.old_system import OldSystem
    from chalicelib.migration import Verdict
    from chalicelib.profile.fields import PersonFields

COMPLETED = ("name", "birthdate", "locale", "attributes")
"""The fields that the old system fills in, where nobody has done so here. Never an email address, and never roles."""

TAKEN = ("id", "email", "email_verified", *COMPLETED)
"""The fields of somebody who is created."""


def may_ask(person: Person | None, password_row: Password | None) -> bool:
    """Whether the old system is asked for this person's password: they were imported without one, nobody has used the
    account or ended its sessions, as a proof of the mailbox does, and it is not disabled. Whoever has only a password
    from before must not come in behind that proof. For nobody (None) only where the stage creates people at their first
    sign-in."""
    system = settings().asked_first
    if system is None or password_row is not None:
        return False
    if person is None:
        return system.creates
    return accounts.is_awaited(person) and accounts.is_active(person) and "sessions_since" not in person


def ask(email: str, person: Person | None, password: str) -> Person | None:
    """The person, with the password stored, if the old system says that it is theirs. None if it does not, or says
    nothing. One request, and one transaction. Only for whom `may_ask` allows it.

    If another request has stored a password meanwhile (another first sign-in, or a reset), that one counts.
    """
    account, system = profile.email_key(email), settings().asked_first
    verdict = migration.ask(system, _question(system, email, person, password)) if system else None
    if verdict is None or not verdict.is_right:
        return None
    if not _is_of(account, verdict):
        logs.warning("the old system has another person by this address")
        return None
    fields = _checked(verdict.person)
    try:
        if person is None:
            return _created(fields, verdict, passwords.hashed(password))
        return _completed(person, fields, verdict, passwords.hashed(password))
    except (Conflict, NotFound, TransactionRefused):
        return _meanwhile(account, password)


def _question(system: OldSystem, email: str, person: Person | None, password: str) -> migration.Question:
    """The question. The address is spelled as it came from there, whatever was typed."""
    user_id, spelled = (person["id"], person.get("email") or email) if person else ("", email)
    return migration.Question(user_id if system.username == "id" else spelled, spelled, user_id, password)


def _checked(person: Mapping[str, Any]) -> dict[str, Any]:
    """What of the person keeps our rules. The rest is left out: it is no reason to keep anybody out."""
    fields, errors = profile.check_fields({name: person[name] for name in TAKEN if name in person})
    if errors:
        logs.info("fields of the old system were left out", fields=sorted(error["field"] for error in errors))
    return fields


def _is_of(account: str, verdict: Verdict) -> bool:
    """Whether the verdict is about the account. An old system may take a user name that is another person's address."""
    email = verdict.person.get("email")
    try:
        return email is None or profile.email_key(str(email)) == account
    except ValueError:
        return False


def _completed(person: Person, fields: Mapping[str, Any], verdict: Verdict, password_hash: str) -> Person:
    """Store the password, and what was missing of the person. The session that begins next removes the mark `awaited`:
    so that it counts as their first. Raises Conflict where the account was used or disabled meanwhile."""

    def decide(present: Person) -> dict[str, Any]:
        if not may_ask(present, None):
            raise Conflict("the account was used meanwhile")
        missing = {name: fields[name] for name in COMPLETED if name in fields and not present.get(name)}
        noted = _with_factors(present.get("metadata") or {}, verdict.factors)
        changes = accounts.patched(present, missing)
        return {**changes, "metadata": noted, "legacy_hash": None, accounts.AWAITED: present.get(accounts.AWAITED)}

    password = accounts.credentials().adding_password(person["id"], password_hash)
    return accounts.people().change(person, decide, also=lambda _: {"password": password})


def _created(fields: Mapping[str, Any], verdict: Verdict, password_hash: str) -> Person | None:
    """Create the person as an import would, with the id that they had, if it is none that somebody here had before: who
    was removed does not come back. None where the old system does not say that the address is verified: anybody could
    have registered it there."""
    if not fields.get("email_verified") or "email" not in fields:
        return None
    noted = _with_factors({}, verdict.factors)
    person = accounts.new_person(source="import", **cast("PersonFields", {**fields, "metadata": noted}))
    person["awaited"] = True
    return accounts.people().create(person, password_hash)


def _with_factors(metadata: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    listed = metadata.get(factors.LEFT_BEHIND)
    before = listed if isinstance(listed, list) else []
    added = [name for name in names if name not in before]
    return {**metadata, factors.LEFT_BEHIND: [*before, *added]} if added else metadata


def _meanwhile(account: str, password: str) -> Person | None:
    """The person as another request has left them, if the password fits the one that was stored."""
    person = accounts.people().find_by_email(account)
    password_row = accounts.credentials().password(person["id"]) if person else None
    fits = passwords.fits(password_row["hash"] if password_row else None, password)
    return person if fits and accounts.is_active(person) else None
