"""What to make of a row that met someone already there: a pure decision, the same for a trial and for the real run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from chalicelib.accounts import claims_in, has_had_roles, is_awaited, new_person
from chalicelib.imports.model import RowError, shown
from chalicelib.imports.rows.person_row import is_of_row
from chalicelib.profile.fields import REPLACED_BY_UPSERT, SET_BY_UPSERT

if TYPE_CHECKING:
    from chalicelib.accounts import StoredParts
    from chalicelib.accounts.rows import Person
    from chalicelib.imports.model import Mode
    from chalicelib.imports.rows.person_row import Candidate

DELETED = "belongs to someone who was deleted"


class UpsertTarget(NamedTuple):
    """A person whom an upsert may change; `person` where they have been read already."""

    candidate: Candidate
    user_id: str
    person: Person | None


Verdict = Literal["created", "unchanged"] | RowError | UpsertTarget


def judge(candidate: Candidate, existing: StoredParts, job_id: str, mode: Mode) -> Verdict:
    """What becomes of a row whose person could not be created because of who was found."""
    person, lock = existing
    if person is not None:
        if was_written_by(person, candidate, job_id):
            return "created"
        if "deleted_at" in person:
            return candidate.error("id", DELETED)
        in_this_file = person.get("import_job") == job_id
        if in_this_file and is_of_row(person, candidate.number):
            return "unchanged"
        if candidate.origin == "content":
            return candidate.error(shown(""), "says the same as another row") if in_this_file else "unchanged"
    if lock is not None and candidate.origin == "given" and lock["user_id"] != candidate.id:
        return candidate.error("email", "belongs to someone with another id")
    if person is None and lock is None:
        return candidate.error("id", "has a password already, but nobody bears it")
    if mode == "create":
        return candidate.error("email" if person is None else "id", "exists already")
    return UpsertTarget(candidate, candidate.id if lock is None else lock["user_id"], person)


def was_written_by(person: Person, candidate: Candidate, job_id: str) -> bool:
    """Whether this very row, in the same run of the job, made or changed the person before it was killed."""
    mark = candidate.person["import_row"]
    return bool(person.get("import_job") == job_id and person.get("import_row") == mark)


def changes_of(person: Person, candidate: Candidate) -> dict[str, Any]:
    """What the row changes of a person, None for what goes: only fields that it gives, and what follows from them; a
    password as `brings_password` says.
    `metadata` is replaced as a whole, but for the claims in it, which are a privileged job's to take away too."""
    fields: dict[str, Any] = {field: candidate.fields.get(field, person.get(field)) for field in SET_BY_UPSERT}
    if not candidate.privileged:
        fields["metadata"] = {**(fields["metadata"] or {}), **claims_in(person.get("metadata", {}))}
    new_fields = new_person(source="import", id=person["id"], **fields)
    return {
        field: new_fields.get(field) for field in REPLACED_BY_UPSERT if new_fields.get(field) != person.get(field)
    }


def brings_password(person: Person, candidate: Candidate) -> bool:
    """Whether a row may replace the person's password: it has a hash, they have one of another system, and nobody has
    used their account since it came, by whatever way they signed in. What somebody uses here is nothing to a file; and
    whoever has roles, or had some since, gets a password of a privileged job only, since it would be a way to those."""
    return (
        candidate.password_hash is not None
        and "legacy_hash" in person
        and is_awaited(person)
        and (candidate.privileged or not has_had_roles(person))
    )
