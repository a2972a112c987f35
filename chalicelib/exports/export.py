"""People, as a file that an import takes: segments of the table in parallel, then joined into one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from chalicelib import accounts, factors, identities
from chalicelib.core import clock, ids, logs
from chalicelib.core.aws import clients, objects, records
from chalicelib.core.aws.state_machine_steps import step
from chalicelib.core.errors import Conflict
from chalicelib.exports.clearing import clear_export
from chalicelib.exports.formats.fields import LeftOut
from chalicelib.exports.model import SEGMENTS, export_key, segment_key
from chalicelib.exports.pieces import Pieces, joined
from chalicelib.jobs import ENDED, jobs
from chalicelib.jobs.state_machines import start
from chalicelib.profile.fields import defaults
from chalicelib.read_model.segments import select_slice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Item
    from chalicelib.exports.model import ExportFormat
    from chalicelib.factors.rows import FactorsRow
    from chalicelib.identities.rows import IdentitiesRow
    from chalicelib.jobs.rows import Job, JobPart

READERS = 8
"""Reads that run at once, of a hundred rows each."""


def start_export(
    file_format: ExportFormat, *, credentials: bool, filters: Mapping[str, Any], hashes: str | None = None
) -> Job:
    """Start an export of the people who pass the filters, with or without credentials; if `hashes` names a kind of
    hashes (`model.HASHES`), of those alone who have such a hash. Returns its job."""
    order: dict[str, Any] = {"format": file_format, "credentials": credentials, "filters": dict(filters)}
    if hashes:
        order["hashes"] = hashes
    job, _ = jobs().create("export", ids.new_id(), **order)
    segments = [{"job": job["id"], "segment": segment, "segments": SEGMENTS} for segment in range(SEGMENTS)]
    start("export", job["id"], {"job": job["id"], "segments": segments})
    return job


@step
def export_segment(event: dict[str, Any]) -> dict[str, Any]:
    """Write the people of one segment of `{job, segment, segments}`. Returns `{job, segment, rows}`. Raises Conflict if
    the job has ended, because nobody would delete the segment then; if it ends meanwhile, the segment is emptied."""
    job_id, segment = event["job"], int(event["segment"])
    job = _going_on(job_id)
    if segment == 0:
        jobs().change(job_id, status="running", started_at=clock.timestamp())
    pieces = Pieces(job)
    people = _people(job, segment, int(event["segments"]))
    objects.write(segment_key(job_id, segment), pieces.of(people))
    try:
        _going_on(job_id)
    except Conflict:
        objects.put(segment_key(job_id, segment), b"")
        raise
    jobs().put_part(job_id, f"segment#{segment:03}", rows=pieces.rows, left_out=dict(pieces.left_out.people))
    logs.info("segment exported", job=job_id, segment=segment, rows=pieces.rows)
    return {"job": job_id, "segment": segment, "rows": pieces.rows}


def _going_on(job_id: str) -> Job:
    """The job. Raises Conflict if it has ended."""
    job = jobs().get(job_id, "export")
    if job["status"] in ENDED:
        raise Conflict(f"the job has {job['status']} already")
    return job


@step
def finish_export(event: dict[str, Any]) -> dict[str, Any]:
    """Join the segments of `{job, segments}` and end the job, or fail it if there is the `error` of a step. Both ways
    the segments are deleted.

    Returns `{job, status}`; a job that has ended stays as it is.
    """
    job = jobs().get(event["job"], "export")
    if job["status"] not in ENDED:
        job = _ended(job, event)
        logs.info("export ended", job=job["id"], status=job["status"])
    clear_export(job, len(event["segments"]))
    return {"job": job["id"], "status": job["status"]}


def _ended(job: Job, event: dict[str, Any]) -> Job:
    """Join the segments to one file, and end the job."""
    parts, segments = list(jobs().parts(job["id"], "segment#")), len(event["segments"])
    if "error" in event or len(parts) < segments:
        error = event.get("error", {}).get("Error", "a segment is missing")
        final_fields: dict[str, Any] = {"status": "failed", "reason": f"a step failed for good ({error})"}
    else:
        key = export_key(job["id"], job["format"])
        written = (
            (part["rows"], objects.blocks(segment_key(job["id"], segment))) for segment, part in enumerate(parts)
        )
        size = objects.write(key, joined(job, written))
        final_fields = {"status": "finished", **totals(parts), "file": key, "bytes": size}
        if job["credentials"]:
            final_fields["file_until"] = clock.epoch() + objects.LINK_SECONDS
    return jobs().settle(job["id"], **final_fields)


def totals(parts: Iterable[JobPart]) -> dict[str, Any]:
    """The `counts` and what is `left_out` of the segments that are written."""
    rows, left_out = 0, LeftOut()
    for part in parts:
        rows += part["rows"]
        left_out.add(part.get("left_out", {}))
    return {"counts": {"rows": rows}, "left_out": dict(left_out.people)}


def _rows(filters: Mapping[str, Any], segment: int, segments: int) -> Iterator[Sequence[Person]]:
    """The rows of a part of all people: those whom the read model names for the filter of a segment that has a name,
    or else a part of the table."""
    if "filter" not in filters:
        yield from accounts.segment(segment, of=segments)
        return
    for user_ids in select_slice(filters["filter"], segment, segments):
        yield list(accounts.read_all(user_ids).values())


def _people(job: Job, segment: int, segments: int) -> Iterator[Item]:
    for people in _rows(job["filters"], segment, segments):
        selected = [person for person in people if records.is_live(person) and _passes(person, job["filters"])]
        secrets = _credentials_of(selected) if job["credentials"] else {}
        subjects = _identities_of(selected)
        for person in selected:
            passkeys = "passkey" in factors.enrolled(person) or None
            further = {"passkeys": passkeys, "identities": subjects.get(person["id"])}
            yield {**person, **secrets.get(person["id"], {}), **further}


def _identities_of(people: Sequence[Person]) -> dict[str, list[dict[str, str]]]:
    """The identities of those who have any, by the person's id: one read for each hundred of them."""
    holders = [person for person in people if person.get("identities")]
    keys = [identities.moving.table_and_key(person["id"]) for person in holders]
    rows = clients.database().batch_get(keys, workers=READERS) if keys else []
    return {
        person["id"]: identities.moving.exported(person, cast("IdentitiesRow | None", row))
        for person, row in zip(holders, rows, strict=True)
    }


def _credentials_of(people: Sequence[Person]) -> dict[str, Item]:
    """The `password_hash` and the `totp_secret` of people who have them, by id: one read for each hundred rows."""
    keys = [
        key
        for person in people
        for key in (
            accounts.credentials().password_table_and_key(person["id"]),
            factors.table_and_key(person["id"]),
        )
    ]
    credential_rows = iter(clients.database().batch_get(keys, workers=READERS))
    return {person["id"]: _secrets(next(credential_rows), next(credential_rows)) for person in people}


def _secrets(password: Item | None, enrolled: Item | None) -> Item:
    row = cast("FactorsRow", enrolled)
    return {
        "password_hash": password["hash"] if password else None,
        **(
            {"totp_secret": factors.exported_totp(row), "recovery_codes": row.get("recovery_codes")} if row else {}
        ),
    }


def _passes(person: Mapping[str, Any], filters: Mapping[str, Any]) -> bool:
    """Whether a person passes the filters. A person without an age passes no filter by age. A row that was not written
    by the app may lack fields that every person has; it must not stop the export of the others."""
    person = {"created_at": "", **defaults(), **person}
    age = person.get("age")
    return (
        ("min_age" not in filters or (age is not None and age >= filters["min_age"]))
        and ("max_age" not in filters or (age is not None and age <= filters["max_age"]))
        and ("role" not in filters or filters["role"] in person["roles"])
        and person["status"] == filters.get("status", person["status"])
        and filters.get("created_after", "") <= person["created_at"] < filters.get("created_before", "~")
    )
