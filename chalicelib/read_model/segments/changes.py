"""Changes everybody in a segment by one JSON merge patch: a job whose pages travel on the queue `jobs`.

A page first records whom it is about, with their versions, and then changes them one by one, each as `PATCH
/users/{user_id}` does, if they are still at that version: so still in the segment. After a crash it comes again, finds
its record, and knows whom it changed by the job's id in their rows. What became of each is an object of the page,
and in the end one report. One that is cancelled ends before its next page, with the report of those before.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from chalicelib import accounts
from chalicelib.core import clock, ids, logs, wire
from chalicelib.core.aws import objects
from chalicelib.core.aws.parallel import WRITERS, in_parallel
from chalicelib.core.context import working_for
from chalicelib.core.errors import Conflict, Forbidden, Invalid, Malformed, NotFound, PreconditionFailed
from chalicelib.jobs import ENDED, jobs, queue_page
from chalicelib.profile import visibility
from chalicelib.read_model.query import ask
from chalicelib.read_model.segments.definitions import EDITORS
from chalicelib.read_model.segments.selecting import select
from chalicelib.segments.model import id_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chalicelib.accounts.rows import Person
    from chalicelib.jobs.rows import Job
    from chalicelib.segments.rows import Definition

PAGE_PEOPLE = 200
"""Of one page: sixteen at once, in a few seconds of the 120 that `on_job` has."""

MOST_PEOPLE = 100_000
"""Of one job."""

CHANGED, UNCHANGED, REFUSED = "changed", "unchanged", "refused"

_TOO_MANY = f"there are more than {MOST_PEOPLE:,} people in the segment: the others are as they were"
_MOVED_ON = "was changed meanwhile, and may be in the segment no longer: start again for them"


def start(definition: Definition, patch: Mapping[str, Any], *, dry_run: bool) -> Job:
    """Start a change of everybody in a segment, and return its job. Raises Conflict where they are too many."""
    found = ask(
        "search", q=definition["filter"], roles=EDITORS, sort="-created_at", limit=1, after=None, count=True
    )
    if found["count"]["value"] > MOST_PEOPLE:
        raise Conflict(f"a change is of {MOST_PEOPLE:,} people at most: divide the segment")
    options = {
        "segment": id_of(definition),
        "filter": definition["filter"],
        "patch": dict(patch),
        "dry_run": dry_run,
    }
    job, _ = jobs().create("changes", ids.new_id(), options=options)
    queue_page(job["id"], "changes", {"number": 0, "after": ""})
    return job


def find(segment_id: str, job_id: str) -> Job:
    """The job of a segment. Raises NotFound."""
    job = jobs().get(job_id, "changes")
    if job["options"]["segment"] != segment_id:
        raise NotFound(f"there is no changes {job_id}")
    return job


def listing(
    segment_id: str, *, limit: int, start: dict[str, Any] | None
) -> tuple[list[Job], dict[str, Any] | None]:
    """The jobs of a segment among the next `limit` of all such jobs, newest first, and where the others begin."""
    result_page = jobs().listing("changes", limit=limit, start=start)
    return [job for job in result_page.items if job["options"]["segment"] == segment_id], result_page.next


def cancel(segment_id: str, job_id: str) -> Job:
    """End the job of a segment before its next page; whoever it has changed stays changed. It may be repeated. Raises
    NotFound, and Conflict where it has ended otherwise."""
    job = find(segment_id, job_id)
    return job if job["status"] == "cancelled" else jobs().change(job_id, status="cancelled")


def view(job: Job) -> dict[str, Any]:
    """A change as an administrator watches it."""
    options = job["options"]
    return {
        **{name: job.get(name) for name in ("id", "status", "reason", "created_at", "updated_at")},
        "segment": options["segment"],
        "dry_run": options["dry_run"],
        "counts": job.get("counts") or _counts(job["id"]),
        "report": objects.link(job["file"], f"changes-{job['id']}.ndjson") if "file" in job else None,
    }


def run_page(job_id: str, job_page: dict[str, Any]) -> dict[str, Any] | None:
    """Change the people of one page, and return the next page; None at the end. Can be repeated. A job whose filter can
    no longer be asked, or whose administrator is none any more, fails; its report has whoever was changed before.

    Raises Malformed for what is no page of such a job, Unavailable where it must come again.
    """
    number, after = job_page.get("number"), job_page.get("after")
    if type(number) is not int or not isinstance(after, str) or not 0 <= number <= MOST_PEOPLE // PAGE_PEOPLE:
        raise Malformed("not a page of a change of many")
    job = jobs().get(job_id, "changes")
    if "file" in job:
        return None
    try:
        _check_administrator(job)
        planned = _plan(job, number, after)
    except (Forbidden, Invalid) as refused:
        _finish(job, number, status="failed", reason=refused.detail)
        return None
    if not planned:
        _finish(job, number, status="finished")
        return None
    if number == MOST_PEOPLE // PAGE_PEOPLE:
        _finish(job, number, status="failed", reason=_TOO_MANY)
        return None
    if jobs().part(job_id, f"done#{number:06}") is None:
        _change_all(job, number, planned)
    return {"number": number + 1, "after": planned[-1]["id"]}


def _check_administrator(job: Job) -> None:
    """Raises Forbidden where whoever began the job may change nobody any more."""
    (person,) = accounts.living([job["changed_by"]]) or (None,)
    if person is None or person["status"] != "active" or visibility.ADMIN not in person.get("roles", ()):
        raise Forbidden("whoever began it is no administrator any more")


def _plan(job: Job, number: int, after: str) -> list[dict[str, Any]]:
    """Whom a page is about, recorded once: whoever was changed by it may not fit the filter any more."""
    part = f"plan#{number:06}"
    recorded = jobs().part(job["id"], part)
    if recorded is None:
        if job["status"] in ENDED:
            return []
        if number == 0:
            jobs().settle(job["id"], status="running", started_at=clock.timestamp())
        jobs().put_part(job["id"], part, people=select(job["options"]["filter"], after, PAGE_PEOPLE))
        recorded = jobs().part(job["id"], part)
    return cast("list[dict[str, Any]]", cast("Mapping[str, Any]", recorded)["people"])


def _change_all(job: Job, number: int, planned: list[dict[str, Any]]) -> None:
    present = {person["id"]: person for person in accounts.living([each["id"] for each in planned])}
    with working_for(job["id"], job["changed_by"]):
        change = partial(_outcome, job, present)
        outcomes = in_parallel(change, planned, WRITERS)
    lines = (wire.to_json(outcome).encode() + b"\n" for outcome in outcomes)
    objects.put(_page_key(job["id"], number), b"".join(lines))
    counts = {name: sum(each["outcome"] == name for each in outcomes) for name in (CHANGED, UNCHANGED, REFUSED)}
    jobs().put_part(job["id"], f"done#{number:06}", counts=counts)


def _outcome(job: Job, present: Mapping[str, Person], planned: Mapping[str, Any]) -> dict[str, Any]:
    """What becomes of one person, as a line of the report."""
    try:
        outcome = _changed(job, present.get(planned["id"]), int(planned["version"]))
    except Invalid as invalid:
        return {"id": planned["id"], "outcome": REFUSED, "errors": invalid.errors}
    except (Conflict, NotFound, PreconditionFailed):
        return {"id": planned["id"], "outcome": REFUSED, "errors": [{"field": "id", "message": _MOVED_ON}]}
    return {"id": planned["id"], "outcome": outcome}


def _changed(job: Job, person: Person | None, version: int) -> str:
    if person is None:
        raise NotFound
    if person["version"] == version + 1 and person["request_id"] == job["id"]:
        return CHANGED
    if person["version"] != version:
        raise PreconditionFailed
    options = job["options"]
    changes = accounts.patched(person, options["patch"])
    if all(person.get(field) == value for field, value in changes.items()):
        return UNCHANGED
    if not options["dry_run"]:
        accounts.people().change(person, lambda read: accounts.patched(read, options["patch"]), expected=version)
    return CHANGED


def _finish(job: Job, written: int, **ended: str) -> None:
    """Write the report, and end the job where nobody has ended it."""
    key = f"changes/{job['id']}/report.ndjson"
    objects.write(key, _report(job["id"], written))
    outcome = {"counts": _counts(job["id"]), "file": key}
    job = jobs().settle(job["id"], **ended, **outcome)
    if "file" not in job:
        job = jobs().change_as_read(job, **outcome)
    logs.info("people changed", job=job["id"], counts=job.get("counts"))


def _report(job_id: str, written: int) -> Iterator[bytes]:
    for number in range(written):
        yield from objects.blocks(_page_key(job_id, number))


def _counts(job_id: str) -> dict[str, int]:
    counts = dict.fromkeys((CHANGED, UNCHANGED, REFUSED), 0)
    for part in jobs().parts(job_id, "done#"):
        for name, people in part["counts"].items():
            counts[name] += people
    return counts


def _page_key(job_id: str, number: int) -> str:
    return f"changes/{job_id}/{number:06}.ndjson"
