"""Make a candidate for a person from an import row: the fields, the id, and the errors. This module does not call
AWS."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from chalicelib import factors, identities, passwords
from chalicelib.accounts import ELSEWHERE, NewPerson, claims_in, new_person
from chalicelib.core.settings import settings
from chalicelib.factors import UnusableSecret, check_totp_secret
from chalicelib.identities.moving import Brought
from chalicelib.imports.model import RowError, person_id, shown
from chalicelib.imports.systems.translation import LEFT_BEHIND
from chalicelib.profile import check_fields, rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Action
    from chalicelib.identities.moving import EnabledConnection
    from chalicelib.identities.rows import Identity
    from chalicelib.imports.model import Options
    from chalicelib.imports.rows.reading import Reading

Origin = Literal["given", "row", "content"]
"""Where a person's id comes from. `given`: the row has it. `row`: it is computed from the job and the row's number.
`content`: it is computed from the content of a row without id and email address, so that the same row creates no second
person."""

PRIVILEGED = "is applied by privileged imports only"
NO_ADMINISTRATOR = "wants the administrator who began the import to be one still"

NO_CONNECTIONS: Mapping[str, EnabledConnection] = MappingProxyType({})
NOTHING_BROUGHT = Brought([], [])

BLOCK = 100
"""Rows that are checked before their people are made."""


class Candidate(NamedTuple):
    """A row that may become a person. `fields` are the fields of the row, in the form that is stored, without the id.
    `person` is the person whom the row would create, with the mark of the row."""

    number: int
    line: int
    origin: Origin
    fields: dict[str, Any]
    person: Person
    password_hash: str | None
    totp_secret: str | None
    identities: list[Identity]
    privileged: bool
    """Whether an administrator with a second factor began the job."""

    @property
    def id(self) -> str:
        return str(self.person["id"])

    @property
    def email_key(self) -> str | None:
        return self.person.get("email_key")

    def error(self, field: str, reason: str) -> RowError:
        return RowError(self.line, field, reason)

    def left_behind(self) -> Iterator[tuple[str, str]]:
        """What the row could not bring along, as the person's metadata has it: `identities` or `second_factors`, and
        which."""
        for member, field in ((identities.moving.LEFT_BEHIND, "identities"), (LEFT_BEHIND, "second_factors")):
            names = self.person["metadata"].get(member)
            for name in names if isinstance(names, list) else ():
                yield field, str(name)

    def new_person(self) -> NewPerson:
        """The person to create, with their second factor and identities if the row has any."""
        secret = self.totp_secret

        def with_further(person: Person) -> tuple[Person, dict[str, Action]]:
            actions: dict[str, Action] = {}
            if self.identities:
                person, actions = identities.moving.creating(person, self.identities)
            if secret is not None:
                person, actions["totp"] = factors.imported_totp(person, secret)
            return person, actions

        size = (secret is not None) + (len(self.identities) + 1 if self.identities else 0)
        return NewPerson(self.number, self.person, self.password_hash, with_further if size else None, size)


def candidates_in(
    readings: Sequence[Reading],
    job_id: str,
    run: str,
    options: Options,
    content_id: Callable[[dict[str, Any]], str],
    refusal: str = PRIVILEGED,
    enabled: Mapping[str, EnabledConnection] = NO_CONNECTIONS,
) -> Iterator[Candidate | list[RowError]]:
    """The candidate in each row, or all errors of the row. `content_id` computes the id from the content of a row.
    `refusal` is the reason in the errors about roles, status and claims in a job that is not privileged. `enabled` has
    the connections whose identities can be taken over.

    Of a block all rows are checked, and then all people are made: code that alternates row by row does not fit into a
    processor's cache of instructions, and takes a third longer.
    """
    for start in range(0, len(readings), BLOCK):
        block = readings[start : start + BLOCK]
        checked_rows = [_checked(reading, options, refusal) for reading in block]
        for reading, checked_row in zip(block, checked_rows, strict=True):
            if isinstance(checked_row, dict):
                yield _candidate(reading, checked_row, job_id, run, options, content_id, enabled)
            else:
                yield checked_row


def _checked(reading: Reading, options: Options, refusal: str) -> dict[str, Any] | list[RowError]:
    """The fields of a row as they are stored, or all errors of the row."""
    row = reading.row
    if row is None:
        return reading.errors
    fields, wrong_fields = check_fields(row)
    faults = [(wrong_field["field"], wrong_field["message"]) for wrong_field in wrong_fields]
    faults += [*_identity_errors(row), *_privilege_errors(row, fields, options, refusal)]
    faults += [*_credential_errors(row, fields), *_brought_errors(row)]
    if reading.errors or faults:
        return [*reading.errors, *(RowError(reading.line, field, reason) for field, reason in faults)]
    return fields


def _candidate(
    reading: Reading,
    fields: dict[str, Any],
    job_id: str,
    run: str,
    options: Options,
    content_id: Callable[[dict[str, Any]], str],
    enabled: Mapping[str, EnabledConnection],
) -> Candidate:
    """The candidate in a row without errors, of its checked fields."""
    row: dict[str, Any] = reading.row or {}
    given_id, password_hash = fields.pop("id", None), fields.pop("password_hash", None)
    origin: Origin
    if given_id:
        origin, new_id = "given", given_id
    elif "email" in fields:
        origin, new_id = "row", person_id(job_id, reading.number)
    else:
        origin, new_id = "content", content_id(fields)
    person = new_person(source="import", id=new_id, import_job=job_id, **fields)
    person["awaited"], person["import_row"] = True, row_mark(reading.number, run)
    totp_secret = row.get("totp_secret")
    if totp_secret is not None and not _is_usable(totp_secret):
        totp_secret, person["metadata"] = None, _with_totp_left_behind(person["metadata"])
    brought = identities.moving.brought(row["identities"], enabled) if row.get("identities") else NOTHING_BROUGHT
    if brought.left_behind:
        person["metadata"] = {**person["metadata"], identities.moving.LEFT_BEHIND: brought.left_behind}
    if password_hash is not None and passwords.is_foreign(password_hash):
        person["legacy_hash"] = passwords.kind_of(password_hash)
    elif password_hash is None and person.get("email_key") and settings().migration:
        person["legacy_hash"] = ELSEWHERE
    return Candidate(
        number=reading.number,
        line=reading.line,
        origin=origin,
        fields=fields,
        person=person,
        password_hash=password_hash,
        totp_secret=totp_secret,
        identities=brought.identities,
        privileged=options.privileged,
    )


def row_mark(number: int, run: str) -> str:
    """The mark of the row that created or changed a person: the number of the row, and the run of the job."""
    return f"{number}#{run}"


def is_of_row(person: Person, number: int) -> bool:
    """Whether this row of the person's import job created or changed them, in any run of the job."""
    return str(person.get("import_row", "")).partition("#")[0] == str(number)


def _identity_errors(row: dict[str, Any]) -> Iterable[tuple[str, str]]:
    if row.get("id") is None and row.get("email") is None and row.get("name") is None:
        yield shown(""), "names nobody: it needs an id, an email or a name"


def _privilege_errors(
    row: dict[str, Any], fields: dict[str, Any], options: Options, refusal: str
) -> Iterable[tuple[str, str]]:
    """Check roles, status and claims, and return the errors. In a privileged job, roles and status are added to
    `fields`."""
    status = row.get("status")
    if not options.privileged:
        if row.get("roles"):
            yield "roles", refusal
        if status is not None and status != "active":
            yield "status", refusal
        for name in claims_in(fields.get("metadata", {})):
            yield "metadata", f"has {shown(name)}, a claim of tokens, which {refusal}"
        return
    if row.get("roles") is not None:
        try:
            fields["roles"] = rules.roles(row["roles"])
        except ValueError as error:
            yield "roles", str(error)
    if status is not None:
        try:
            fields["status"] = rules.status(status)
        except ValueError as error:
            yield "status", str(error)


def _brought_errors(row: dict[str, Any]) -> Iterable[tuple[str, str]]:
    if row.get("identities") is not None:
        try:
            identities.moving.check(row["identities"])
        except ValueError as error:
            yield "identities", str(error)


def _credential_errors(row: dict[str, Any], fields: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """Check the credentials, and return the errors. The password hash is added to `fields`, as it is stored; the mark
    of an account without a password is none."""
    password_hash, totp_secret = row.get("password_hash"), row.get("totp_secret")
    try:
        if password_hash is not None:
            fields["password_hash"] = passwords.as_stored(password_hash)
    except passwords.NoPassword:
        password_hash = None
    except ValueError as error:
        yield "password_hash", str(error)
    try:
        if totp_secret is not None:
            check_totp_secret(totp_secret)
    except UnusableSecret:
        pass
    except ValueError as error:
        yield "totp_secret", str(error)
    for field, value in (("password_hash", password_hash), ("totp_secret", totp_secret)):
        if value is not None and row.get("email") is None:
            yield field, "needs an email to sign in with"


def _is_usable(totp_secret: Any) -> bool:
    try:
        check_totp_secret(totp_secret)
    except UnusableSecret:
        return False
    return True


def _with_totp_left_behind(metadata: dict[str, Any]) -> dict[str, Any]:
    """The metadata of a person whose TOTP secret cannot be imported. They name the factor that was left behind."""
    factors = metadata.get(LEFT_BEHIND)
    return {**metadata, LEFT_BEHIND: [*(factors if isinstance(factors, list) else []), TOTP]}


TOTP = "totp"


def without_duplicates(
    candidates: Iterable[Candidate],
) -> tuple[list[Candidate], list[tuple[Candidate, RowError]]]:
    """The candidates without duplicates, and the duplicates with their errors. A duplicate names the same person as an
    earlier candidate.

    A transaction may not touch the same row twice, so duplicates are taken out before anyone is created.
    """
    unique: list[Candidate] = []
    refused: list[tuple[Candidate, RowError]] = []
    by_id: dict[str, int] = {}
    by_email: dict[str, int] = {}
    by_identity: dict[str, int] = {}
    for candidate in candidates:
        user_id, email_key = candidate.id, candidate.email_key
        field, first_line = "id", by_id.get(user_id)
        if first_line is None and email_key:
            field, first_line = "email", by_email.get(email_key)
        if first_line is None:
            lines = [by_identity[each["id"]] for each in candidate.identities if each["id"] in by_identity]
            field, first_line = "identities", min(lines, default=None)
        if first_line is None:
            unique.append(candidate)
            by_id[user_id] = candidate.line
            by_identity.update((each["id"], candidate.line) for each in candidate.identities)
            if email_key:
                by_email[email_key] = candidate.line
        elif candidate.origin == "content":
            refused.append((candidate, candidate.error(shown(""), f"says the same as line {first_line:,}")))
        else:
            refused.append((candidate, candidate.error(field, f"is that of line {first_line:,} too")))
    return unique, refused
