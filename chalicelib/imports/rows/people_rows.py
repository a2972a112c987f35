"""Import the rows of a chunk as people: create new people, decide about existing ones, and change those whom an upsert
may change."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalicelib import accounts, identities
from chalicelib.core import clock, context, ids
from chalicelib.core.aws import records
from chalicelib.core.aws.optimistic import ATTEMPTS
from chalicelib.core.crypto import app_keys
from chalicelib.core.errors import Conflict, Unavailable
from chalicelib.imports.model import RowError
from chalicelib.imports.notes import Note
from chalicelib.imports.rows.outcome import Outcome
from chalicelib.imports.rows.person_row import (
    NO_ADMINISTRATOR,
    PRIVILEGED,
    Candidate,
    candidates_in,
    without_duplicates,
)
from chalicelib.imports.rows.verdicts import (
    DELETED,
    UpsertTarget,
    brings_password,
    changes_of,
    judge,
    was_written_by,
)
from chalicelib.profile import fields
from chalicelib.sessions import dearest_hash

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.accounts.rows import Password, Person
    from chalicelib.core.aws.dynamo import Action
    from chalicelib.imports.model import Options
    from chalicelib.imports.rows.outcome import RowOutcome
    from chalicelib.imports.rows.reading import Reading


def run(readings: list[Reading], job_id: str, options: Options, run: str) -> Outcome:
    """Import the rows of a chunk. A trial (`dry_run`) writes nothing, and finds out the outcome of each row. A
    privileged job is privileged only while the person who began it is an active administrator. This is checked by one
    read for each of its chunks."""
    outcome, reason = Outcome(), PRIVILEGED
    if options.privileged and not _is_active_administrator(context.current().actor):
        options, reason = replace(options, privileged=False), NO_ADMINISTRATOR
    readings = _without_nobodies(readings, outcome)
    valid_candidates: list[Candidate] = []
    has_identities = any(reading.row and reading.row.get("identities") for reading in readings)
    enabled = identities.moving.enabled_connections() if has_identities else {}
    candidates_or_errors = candidates_in(readings, job_id, run, options, _content_id, reason, enabled)
    for reading, candidate in zip(readings, candidates_or_errors, strict=True):
        if isinstance(candidate, Candidate):
            valid_candidates.append(candidate)
            left_behind = (Note("left_out", f"{field}.{name}") for field, name in candidate.left_behind())
            outcome.notes.add([*reading.notes, *left_behind])
        else:
            outcome.refuse(reading.number, candidate)
    candidates, duplicates = without_duplicates(valid_candidates)
    for candidate, error in duplicates:
        outcome.refuse(candidate.number, [error])
    # Files are often sorted, by age for example. Rows that are next to each other in the file should not be so in an
    # index too.
    random.Random(job_id).shuffle(candidates)  # noqa: S311 - no secret
    if not options.dry_run:
        hashes = (candidate.password_hash for candidate in candidates)
        dearest_hash().note(text for text in hashes if text is not None)
    new_people = [candidate.new_person() for candidate in candidates]
    existing_people = accounts.look_up_all(new_people) if options.dry_run else accounts.create_all(new_people)
    targets: list[UpsertTarget] = []
    for candidate in candidates:
        existing = existing_people.get(candidate.number)
        verdict = "created" if existing is None else judge(candidate, existing, job_id, options.mode)
        if isinstance(verdict, UpsertTarget):
            targets.append(verdict)
        else:
            _record(outcome, candidate, verdict)
    _upsert(targets, job_id, outcome, dry_run=options.dry_run)
    return outcome


def _without_nobodies(readings: list[Reading], outcome: Outcome) -> list[Reading]:
    """The rows that are of people. The others, such as groups in a dump of all tables, change nothing."""
    for reading in readings:
        if reading.nobody:
            outcome.record(reading.number, "unchanged")
            outcome.notes.add([Note("left_out", reading.nobody)])
    return [reading for reading in readings if not reading.nobody]


def _content_id(fields: dict[str, Any]) -> str:
    """The id that is computed from the content of a row. It always uses the first app key, so that the same row is the
    same person after a rotation of the keys too. Because of the key, nobody can check a guess at a row by the id."""
    content = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return ids.id_from(app_keys.mac("import-ids", content, key_id=app_keys.first_key_id()))


def _upsert(targets: Sequence[UpsertTarget], job_id: str, outcome: Outcome, *, dry_run: bool) -> None:
    """Change the existing people, if their rows have other values."""
    pending = _first_rows(targets, outcome)
    unread_ids = [user_id for user_id, target in pending.items() if target.person is None]
    people: dict[str, Person | None] = {user_id: target.person for user_id, target in pending.items()}
    people |= accounts.read_all(unread_ids)
    passwords = _replaced_passwords(pending, people)
    for attempt in range(ATTEMPTS):
        changed: list[accounts.PersonChange] = []
        for user_id, target in pending.items():
            verdict = _verdict(people[user_id], target.candidate, job_id, passwords.get(user_id))
            if isinstance(verdict, accounts.PersonChange):
                changed.append(verdict)
            else:
                _record(outcome, target.candidate, verdict)
        if attempt:
            changed = _without_refused(changed, pending, outcome)
        conflicts = {} if dry_run else accounts.replace_all(changed)
        for change in changed:
            if change.person["id"] not in conflicts:
                _record(outcome, pending[change.person["id"]].candidate, "updated")
        if not conflicts:
            return
        pending, people = {user_id: pending[user_id] for user_id in conflicts}, conflicts
    raise Unavailable("people are being changed while they are imported")


def _verdict(
    person: Person | None, candidate: Candidate, job_id: str, password: Password | None
) -> accounts.PersonChange | RowOutcome | RowError:
    """The change of an existing person, or the outcome of the row without a change. `person` is the present row."""
    if person is None or not records.is_live(person):
        return candidate.error("id" if candidate.origin == "given" else "email", DELETED)
    if person["id"] != candidate.id and not accounts.has_address(person, str(candidate.email_key)):
        return candidate.error("email", "is like another address that came before letters were no longer folded")
    try:
        change = _change(person, candidate, job_id, password)
    except Conflict as conflict:
        return candidate.error(_governed_field(candidate), conflict.detail)
    if change is not None:
        return change
    return "updated" if was_written_by(person, candidate, job_id) else "unchanged"


def _without_refused(
    changed: list[accounts.PersonChange], pending: Mapping[str, UpsertTarget], outcome: Outcome
) -> list[accounts.PersonChange]:
    """The changes that may be tried again. Changes with guards end the administration of somebody, so their
    transactions check that the person who began the job is still an administrator. If they no longer are, these rows
    are refused."""
    if not any(change.guards for change in changed) or _is_active_administrator(context.current().actor):
        return changed
    for change in changed:
        if change.guards:
            candidate = pending[change.person["id"]].candidate
            _record(outcome, candidate, candidate.error(_governed_field(candidate), NO_ADMINISTRATOR))
    return [change for change in changed if not change.guards]


def _is_active_administrator(user_id: str) -> bool:
    """Whether this person is an active administrator now."""
    person = accounts.read_all([user_id]).get(user_id) if user_id else None
    return person is not None and accounts.is_active(person) and accounts.is_administrator(person)


def _replaced_passwords(
    pending: Mapping[str, UpsertTarget], people: Mapping[str, Person | None]
) -> dict[str, Password]:
    """The stored passwords that a row replaces by another hash."""
    hashes = {
        user_id: target.candidate.password_hash
        for user_id, target in pending.items()
        if (person := people.get(user_id)) is not None and brings_password(person, target.candidate)
    }
    passwords = accounts.read_passwords(list(hashes))
    return {user_id: password for user_id, password in passwords.items() if password["hash"] != hashes[user_id]}


def _change(
    person: Person, candidate: Candidate, job_id: str, password: Password | None
) -> accounts.PersonChange | None:
    """The change of a person and their `password` by a row. None if the row has no other values. Raises Conflict if the
    administrator who began the job may not make this change."""
    changes = changes_of(person, candidate)
    guards: dict[str, Action] = {}
    if not changes.keys().isdisjoint(fields.PRIVILEGED):
        guards = accounts.guarding(context.current().actor, person, changes)
        changes = accounts.governed(person, changes)
    is_elsewhere = person.get("legacy_hash") == accounts.ELSEWHERE  # so there is none yet that it would replace
    is_another = password is not None or is_elsewhere
    password_hash = candidate.password_hash if is_another and brings_password(person, candidate) else None
    if password_hash is not None:
        legacy_hash = candidate.person.get("legacy_hash")
        changes |= {
            "password_changed_at": clock.timestamp(),
            "legacy_hash": legacy_hash,
            **accounts.ended_sessions(person),
        }
    if not changes:
        return None
    marks: dict[str, Any] = {"import_job": job_id, "import_row": candidate.person["import_row"]}
    marks[accounts.AWAITED] = person.get(accounts.AWAITED)
    next_person = accounts.changed(person, {**changes, **marks})
    return accounts.PersonChange(person, next_person, password_hash, password, guards)


def _governed_field(candidate: Candidate) -> str:
    """The field to name in the error if `accounts.guarding` refuses the row."""
    return "status" if candidate.fields.get("status") == "disabled" else "roles"


def _first_rows(targets: Sequence[UpsertTarget], outcome: Outcome) -> dict[str, UpsertTarget]:
    """The first row of each person, by the person's id. Further rows of the same person in the file are refused."""
    first_targets: dict[str, UpsertTarget] = {}
    for target in sorted(targets, key=lambda target: target.candidate.number):
        first_target = first_targets.setdefault(target.user_id, target)
        if first_target is not target:
            error = target.candidate.error("email", f"is of the person of line {first_target.candidate.line:,}")
            _record(outcome, target.candidate, error)
    return first_targets


def _record(outcome: Outcome, candidate: Candidate, verdict: RowOutcome | RowError) -> None:
    if isinstance(verdict, RowError):
        outcome.refuse(candidate.number, [verdict])
    else:
        outcome.record(candidate.number, verdict)
