"""People, as a file that an import takes: segments of the table in parallel, then joined into one."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from chalicelib import accounts, factors, identities
from chalicelib.core import clock, ids, logs
from chalicelib.core.aws import clients, objects, records
from chalicelib.core.aws.state_machine_steps import step
from chalicelib.core.errors import Conflict
from chalicelib.exports.clearing import clear_export
from chalicelib.exports.model import SEGMENTS, export_key, segment_key
from chalicelib.imports.columns import PERSON, SECRETS
from chalicelib.imports.report import csv_line, written
from chalicelib.jobs import ENDED, jobs
from chalicelib.jobs.state_machines import start
from chalicelib.profile.fields import defaults

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Item
    from chalicelib.exports.model import ExportFormat
    from chalicelib.factors.rows import FactorsRow
    from chalicelib.identities.rows import IdentitiesRow
    from chalicelib.jobs.rows import Job

READERS = 8
"""Reads that run at once, of a hundred rows each."""

NOT_GIVEN = {name: default for name, default in defaults().items() if default is not False}
"""The default values of a person's fields. They are left out of the file, so that an import without privileges takes
it, except for `False`: the file says that an email address is not verified."""


def start_export(file_format: ExportFormat, *, credentials: bool, filters: Mapping[str, Any]) -> Job:
    """Start an export of the people who pass the filters, with or without credentials. Returns its job."""
    order = {"format": file_format, "credentials": credentials, "filters": dict(filters)}
    job, _ = jobs().create("export", ids.new_id(), **order)
    segments = [{"job": job["id"], "segment": segment, "segments": SEGMENTS} for segment in range(SEGMENTS)]
    start("export", job["id"], {"job": job["id"], "segments": segments})
    return job


@step
def export_segment(event: dict[str, Any]) -> dict[str, Any]:
    """Write the people of one segment of `{job, segment, segments}`. Returns `{job, segment, rows}`. Raises Conflict if
    the job has ended, because nobody would delete the segment then; if it ends meanwhile, the segment is emptied."""
    job_id, segment, rows = event["job"], int(event["segment"]), 0
    job = _going_on(job_id)
    if segment == 0:
        jobs().change(job_id, status="running", started_at=clock.timestamp())
    columns = columns_of(job)

    def lines() -> Iterator[bytes]:
        nonlocal rows
        for person in _people(job, segment, int(event["segments"])):
            rows += 1
            yield _line(person, columns, job["format"])

    objects.write(segment_key(job_id, segment), lines())
    try:
        _going_on(job_id)
    except Conflict:
        objects.put(segment_key(job_id, segment), b"")
        raise
    jobs().put_part(job_id, f"segment#{segment:03}", rows=rows)
    logs.info("segment exported", job=job_id, segment=segment, rows=rows)
    return {"job": job_id, "segment": segment, "rows": rows}


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
        blocks = (objects.blocks(segment_key(job["id"], segment)) for segment in range(segments))
        size = objects.write(key, chain(_header(job), chain.from_iterable(blocks)))
        rows = sum(part["rows"] for part in parts)
        final_fields = {"status": "finished", "counts": {"rows": rows}, "file": key, "bytes": size}
        if job["credentials"]:
            final_fields["file_until"] = clock.epoch() + objects.LINK_SECONDS
    return jobs().settle(job["id"], **final_fields)


def columns_of(job: Job) -> tuple[str, ...]:
    return PERSON if job["credentials"] else tuple(name for name in PERSON if name not in SECRETS)


def _people(job: Job, segment: int, segments: int) -> Iterator[Item]:
    for people in accounts.segment(segment, of=segments):
        selected = [person for person in people if records.is_live(person) and _passes(person, job["filters"])]
        secrets = _credentials_of(selected) if job["credentials"] else {}
        subjects = _identities_of(selected)
        for person in selected:
            further = {**secrets.get(person["id"], {}), "identities": subjects.get(person["id"])}
            yield {**person, **further}


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
    totp = factors.exported_totp(cast("FactorsRow", enrolled)) if enrolled else None
    return {
        **({"password_hash": password["hash"]} if password else {}),
        **({"totp_secret": totp} if totp else {}),
    }


def _passes(person: Mapping[str, Any], filters: Mapping[str, Any]) -> bool:
    """Whether a person passes the filters. A person without an age passes no filter by age. A row that was not written
    by the app may lack fields that every person has; it must not stop the export of the others."""
    person = {"created_at": "", **NOT_GIVEN, **person}
    age = person.get("age")
    return (
        ("min_age" not in filters or (age is not None and age >= filters["min_age"]))
        and ("max_age" not in filters or (age is not None and age <= filters["max_age"]))
        and ("role" not in filters or filters["role"] in person["roles"])
        and person["status"] == filters.get("status", person["status"])
        and filters.get("created_after", "") <= person["created_at"] < filters.get("created_before", "~")
    )


def _header(job: Job) -> Iterator[bytes]:
    if job["format"] == "csv":
        yield csv_line(columns_of(job))


def _line(person: Mapping[str, Any], columns: tuple[str, ...], file_format: str) -> bytes:
    row = {name: person[name] for name in columns if person.get(name) not in (None, NOT_GIVEN.get(name))}
    if file_format == "csv":
        return csv_line(row.get(name) for name in columns)
    return written(row)
