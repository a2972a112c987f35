"""Decide about a row whose person exists already. The decision reads and writes nothing, and is the same in a trial and
in a real run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from chalicelib.accounts import claims_in, has_had_roles, is_awaited, new_person
from chalicelib.identities import moving
from chalicelib.imports.model import RowError, shown
from chalicelib.imports.rows.person_row import is_of_row
from chalicelib.imports.systems import translation
from chalicelib.profile.fields import REPLACED_BY_UPSERT, SET_BY_UPSERT

if TYPE_CHECKING:
    from chalicelib.accounts import StoredParts
    from chalicelib.accounts.rows import Person
    from chalicelib.imports.model import Mode
    from chalicelib.imports.rows.person_row import Candidate

NOTES = (moving.LEFT_BEHIND, translation.LEFT_BEHIND)
"""The members of `metadata` that name what a person could not bring along."""

DELETED = "belongs to someone who was deleted"


class UpsertTarget(NamedTuple):
    """A person whom an upsert may change. `person` is their row, if it has been read already."""

    candidate: Candidate
    user_id: str
    person: Person | None


Verdict = Literal["created", "unchanged"] | RowError | UpsertTarget


def judge(candidate: Candidate, existing: StoredParts, job_id: str, mode: Mode) -> Verdict:
    """The verdict on a row whose person could not be created, because the rows in `existing` were stored already."""
    person, lock, taken = existing
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
    if person is None and lock is None and taken:
        return candidate.error("identities", "has one that is, or was, another person's")
    if person is None and lock is None:
        return candidate.error("id", "has a password already, but nobody bears it")
    if mode == "create":
        return candidate.error("email" if person is None else "id", "exists already")
    return UpsertTarget(candidate, candidate.id if lock is None else lock["user_id"], person)


def was_written_by(person: Person, candidate: Candidate, job_id: str) -> bool:
    """Whether this row created or changed the person in the same run of the job: in an earlier attempt, which was
    killed before it ended."""
    mark = candidate.person["import_row"]
    return bool(person.get("import_job") == job_id and person.get("import_row") == mark)


def changes_of(person: Person, candidate: Candidate) -> dict[str, Any]:
    """The changes that a row makes to a person; None removes a field. Only the fields in the row change, and those
    computed from them. The password is not among them: see `brings_password`.
    `metadata` is replaced as a whole. But only a privileged job may remove the claims in it, and the notes of what was
    left behind stay, which are made when a person is created and are no part of the row."""
    fields: dict[str, Any] = {field: candidate.fields.get(field, person.get(field)) for field in SET_BY_UPSERT}
    if not candidate.privileged:
        fields["metadata"] = {**(fields["metadata"] or {}), **claims_in(person.get("metadata", {}))}
    fields["metadata"] = _with_notes(fields["metadata"] or {}, person.get("metadata") or {})
    new_fields = new_person(source="import", id=person["id"], **fields)
    return {
        field: new_fields.get(field) for field in REPLACED_BY_UPSERT if new_fields.get(field) != person.get(field)
    }


def _with_notes(metadata: dict[str, Any], former: dict[str, Any]) -> dict[str, Any]:
    """The new metadata with the former ones' lists of what was left behind, and what the new ones add to these."""
    kept = {name: former[name] for name in NOTES if isinstance(former.get(name), list)}
    added = {
        name: [one for one in metadata[name] if one not in notes]
        for name, notes in kept.items()
        if isinstance(metadata.get(name), list)
    }
    return {**metadata, **{name: [*notes, *added.get(name, ())] for name, notes in kept.items()}}


def brings_password(person: Person, candidate: Candidate) -> bool:
    """Whether a row may replace the person's password. The row must have a hash, the present one must be from another
    system, or there alone, and nobody may have used the account since the import, by any way to sign in: a file must
    not change a password that is in use. If the person has or had roles since the import, only a privileged job may
    replace the password, because the password gives access to the roles."""
    return (
        candidate.password_hash is not None
        and "legacy_hash" in person
        and is_awaited(person)
        and (candidate.privileged or not has_had_roles(person))
    )
