"""A row as a person who may be created: which fields it gives, under which id, and what is wrong with it. No AWS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from chalicelib.accounts import check_fields, check_password_hash, new_person
from chalicelib.bulk.columns import COLUMNS
from chalicelib.bulk.model import RowError, person_id, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chalicelib.bulk.lines import Line
    from chalicelib.core.dynamo import Item

Origin = Literal["given", "row", "content"]
"""Where a person's id comes from: the row gives it; the job and the row's number; or what the row says, so that a
row without id and address makes nobody twice."""

PRIVILEGED = "is applied by privileged imports only"


@dataclass(frozen=True)
class Candidate:
    """A row that may become a person. `fields` are those that it gives, as they are kept, without the id; `person` is
    whom it would make, marked with the row."""

    number: int
    line: int
    origin: Origin
    fields: dict[str, Any]
    person: Item
    password_hash: str | None

    @property
    def id(self) -> str:
        return str(self.person["id"])

    @property
    def email_key(self) -> str | None:
        return self.person.get("email_key")

    def error(self, field: str, reason: str) -> RowError:
        return RowError(self.line, field, reason)


def candidate_in(
    line: Line, job_id: str, content_id: Callable[[dict[str, Any]], str]
) -> Candidate | list[RowError]:
    """The candidate in a line, or everything that is wrong with it. `content_id` gives the id of what a row says."""
    row, errors = line.document(COLUMNS["users"], "people")
    if row is None:
        return errors
    fields, wrong = check_fields(row)
    errors += [RowError(line.line, each["field"], each["message"]) for each in wrong]
    errors += [RowError(line.line, field, reason) for field, reason in _further_faults(row)]
    if errors:
        return errors
    given = fields.pop("id", None)
    if given:
        origin, new_id = "given", given
    elif "email" in fields:
        origin, new_id = "row", person_id(job_id, line.number)
    else:
        origin, new_id = "content", content_id(fields)
    person = new_person(source="import", id=new_id, import_job=job_id, **fields)
    return Candidate(
        number=line.number,
        line=line.line,
        origin=cast(Origin, origin),
        fields=fields,
        person={**person, "import_row": line.number},
        password_hash=row.get("password_hash"),
    )


def _further_faults(row: dict[str, Any]) -> Iterable[tuple[str, str]]:
    if all(row.get(field) is None for field in ("id", "email", "name")):
        yield shown(""), "names nobody: it needs an id, an email or a name"
    if row.get("roles"):
        yield "roles", PRIVILEGED
    if row.get("status") not in {None, "active"}:
        yield "status", PRIVILEGED
    if row.get("password_hash") is not None:
        if row.get("email") is None:
            yield "password_hash", "needs an email to sign in with"
        try:
            check_password_hash(row["password_hash"])
        except ValueError as error:
            yield "password_hash", str(error)


def told_apart(candidates: Iterable[Candidate]) -> tuple[list[Candidate], list[RowError]]:
    """The candidates without those that name a person whom an earlier one names, and what is said of these.

    No transaction may touch an item twice, so this is done before any is made.
    """
    kept: list[Candidate] = []
    errors: list[RowError] = []
    seen: dict[tuple[str, str], int] = {}
    for candidate in candidates:
        names = [("id", candidate.id)] + ([("email", candidate.email_key)] if candidate.email_key else [])
        twice = next((name for name in names if name in seen), None)
        if twice is None:
            kept.append(candidate)
            seen |= dict.fromkeys(names, candidate.line)
        elif candidate.origin == "content":
            errors.append(candidate.error(shown(""), f"says the same as line {seen[twice]:,}"))
        else:
            errors.append(candidate.error(twice[0], f"is that of line {seen[twice]:,} too"))
    return kept, errors
