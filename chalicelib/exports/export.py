"""People, as a file that an import takes: segments of the table in parallel, then joined into one."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from chalicelib import accounts, factors
from chalicelib.core import clock, ids, logs
from chalicelib.core.aws import clients, objects, records
from chalicelib.core.aws.state_machine_steps import step
from chalicelib.core.errors import Conflict
from chalicelib.exports.clearing import clear_export
from chalicelib.imports.columns import PERSON, SECRETS
from chalicelib.imports.model import SEGMENTS, export_key, segment_key
from chalicelib.imports.report import csv_line, written
from chalicelib.imports.state_machines import start
from chalicelib.jobs import ENDED, jobs
from chalicelib.profile.fields import defaults

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Item
    from chalicelib.factors.rows import FactorsRow
    from chalicelib.imports.model import ExportFormat
    from chalicelib.jobs.rows import Job

READERS = 8
"""Reads of a hundred credentials at once."""

NOT_GIVEN = {name: default for name, default in defaults().items() if default is not False}
"""What a person has without a row saying so: left out, so that an import without privileges takes the file. That an
address is not verified is said."""


def start_export(file_format: ExportFormat, *, credentials: bool, filters: Mapping[str, Any]) -> Job:
    """Begin to export everybody whom the filters let through, with or without credentials: the job that does it."""
    asked = {"format": file_format, "credentials": credentials, "filters": dict(filters)}
    job, _ = jobs().create("export", ids.new_id(), **asked)
    segments = [{"job": job["id"], "segment": segment, "segments": SEGMENTS} for segment in range(SEGMENTS)]
    start("export", job["id"], {"job": job["id"], "segments": segments})
    return job


@step
def export_segment(event: dict[str, Any]) -> dict[str, Any]:
    """Write the people of one segment of `{job, segment, segments}`: `{job, segment, rows}`. Raises Conflict where the
    job has ended: what is written then would stay. So one that ends meanwhile leaves the segment empty."""
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
    """The job. Raises Conflict where it has ended."""
    job = jobs().get(job_id, "export")
    if job["status"] in ENDED:
        raise Conflict(f"the job has {job['status']} already")
    return job


@step
def finish_export(event: dict[str, Any]) -> dict[str, Any]:
    """Join the segments of `{job, segments}` and end the job, or fail it where a step's `error` is given; the segments
    go either way.

    Returns `{job, status}`; a job that has ended stays as it is.
    """
    job = jobs().get(event["job"], "export")
    if job["status"] not in ENDED:
        job = _ended(job, event)
        logs.info("export ended", job=job["id"], status=job["status"])
    clear_export(job, len(event["segments"]))
    return {"job": job["id"], "status": job["status"]}


def _ended(job: Job, event: dict[str, Any]) -> Job:
    """The job, ended with its segments joined to one file."""
    parts, segments = list(jobs().parts(job["id"], "segment#")), len(event["segments"])
    if "error" in event or len(parts) < segments:
        error = event.get("error", {}).get("Error", "a segment is missing")
        ending: dict[str, Any] = {"status": "failed", "reason": f"a step failed for good ({error})"}
    else:
        key = export_key(job["id"], job["format"])
        blocks = (objects.blocks(segment_key(job["id"], segment)) for segment in range(segments))
        size = objects.write(key, chain(_header(job), chain.from_iterable(blocks)))
        rows = sum(part["rows"] for part in parts)
        ending = {"status": "finished", "counts": {"rows": rows}, "file": key, "bytes": size}
        if job["credentials"]:
            ending["file_until"] = clock.epoch() + objects.LINK_SECONDS
    return jobs().settle(job["id"], **ending)


def columns_of(job: Job) -> tuple[str, ...]:
    return PERSON if job["credentials"] else tuple(name for name in PERSON if name not in SECRETS)


def _people(job: Job, segment: int, segments: int) -> Iterator[Item]:
    for people in accounts.segment(segment, of=segments):
        wanted = [person for person in people if records.is_live(person) and _passes(person, job["filters"])]
        secrets = _credentials_of(wanted) if job["credentials"] else {}
        yield from ({**person, **secrets.get(person["id"], {})} for person in wanted)


def _credentials_of(people: Sequence[Person]) -> dict[str, Item]:
    """By id, the `password_hash` and the `totp_secret` of those who have such: one read for each hundred rows."""
    places = [
        place
        for person in people
        for place in (
            accounts.credentials().password_table_and_key(person["id"]),
            factors.table_and_key(person["id"]),
        )
    ]
    found = iter(clients.database().batch_get(places, workers=READERS))
    return {person["id"]: _secrets(next(found), next(found)) for person in people}


def _secrets(password: Item | None, enrolled: Item | None) -> Item:
    totp = factors.exported_totp(cast("FactorsRow", enrolled)) if enrolled else None
    return {
        **({"password_hash": password["hash"]} if password else {}),
        **({"totp_secret": totp} if totp else {}),
    }


def _passes(person: Mapping[str, Any], filters: Mapping[str, Any]) -> bool:
    """Whether the filters let a person through. Who has no age passes none by age, and a record that somebody wrote
    behind the app's back, without what every person has, keeps nobody else from being exported."""
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
