"""A stage whose people, sessions, items and events the read model is made anew of, and whoever runs its job pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.settings import settings
from chalicelib.events.store import history
from chalicelib.jobs import ENDED, jobs
from chalicelib.read_model.rebuild.job_page import run_page
from tests.postgresql.consuming import QUEUE, change, consume, make_queues
from tests.unit.events.images import AT, LATER, item, session, user

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from chalicelib.events import Event
    from chalicelib.jobs.rows import Job
    from chalicelib.read_model.database import Database

NOW = "2026-03-01T12:30:00.000Z"

CANARY = "a canary of somebody who was removed"

PAGES = 60
"""More than any job of these tests has."""


def recorded(events: Iterable[Event]) -> list[Event]:
    """Have the history record events."""
    listed = list(events)
    for start in range(0, len(listed), 25):
        history().record(listed[start : start + 25], settings().history_days)
    return listed


def removed(user_id: str, version: int = 2) -> dict[str, Any]:
    """The tombstone of a person."""
    stamps = {"schema": 1, "version": version, "created_at": AT, "updated_at": LATER, "deleted_at": LATER}
    return {"id": user_id, "changed_by": "U9", "request_id": "R1", "changed_hour": "2026-03-01T12#0", **stamps}


def populate() -> list[Event]:
    """A stage with some of everything. Returns its events, which the history has too, in the order of their changes."""
    happened: list[Event] = []
    for number in range(7):
        person = user(
            id=f"U{number}", email=f"person{number}@maths.example", roles=["admin"] if number == 0 else []
        )
        happened += change("users", None, person)
        if number % 2:
            person = {**person, "name": f"Person {number}", "version": 2, "updated_at": LATER}
            person["identities"] = [{"id": f"I{number}", "connection": "C1", "linked_at": LATER}]
            happened += change("users", user(id=f"U{number}"), person)
        happened += change("items", None, item(user_id=f"U{number}"))
        happened += change("sessions", None, session(id=f"S{number}", user_id=f"U{number}", amr=["pwd"]))
    ended = {**session(2, id="S1", user_id="U1"), "deleted_at": LATER, "reason": "signed_out"}
    happened += change("sessions", session(id="S1", user_id="U1"), ended)
    happened += change("items", item(user_id="U2"), _tombstone_of_item("U2"))
    happened += change("sessions", None, session(id="S7", user_id="U2", created_at=AT))
    happened += _everywhere_signed_out("U3")
    happened += segment_events("U4")
    happened += _removed_person("U8")
    return recorded(happened)


def _tombstone_of_item(user_id: str) -> dict[str, Any]:
    tombstone = {**item(2, user_id=user_id), "deleted_at": LATER}
    return {name: value for name, value in tombstone.items() if name not in {"value", "size", "sha256"}}


def _everywhere_signed_out(user_id: str) -> list[Event]:
    """The change of a person that ends their sessions."""
    before = clients.table("users").get({"id": user_id}) or {}
    after = {**before, "version": 3, "sessions_since": 3, "status": "disabled", "updated_at": LATER}
    return change("users", before, after)


def segment_events(user_id: str) -> list[Event]:
    """That a person entered a segment, and left it, as the table `segments` has it then."""
    membership = {"id": f"G1/{user_id}", "segment_id": "G1", "segment_name": "Gold", "user_id": user_id}
    times = {"entered_at": AT, "left_at": LATER, "created_at": AT, "updated_at": LATER}
    clients.table("segments").put({**membership, **times, "schema": 1, "version": 2})
    (base, *_) = change("users", None, clients.table("users").get({"id": user_id}))
    return [
        {
            **base,
            "id": f"segments:G1/{user_id}:{version}:0",
            "type": kind,
            "time": time,
            "sequence": f"{version:012d}",
            "data": {"segment": {"id": "G1", "name": "Gold"}},
        }
        for version, kind, time in ((1, "segment.entered", AT), (2, "segment.left", LATER))
    ]


def _removed_person(user_id: str) -> list[Event]:
    person = user(id=user_id, name=CANARY, attributes={"note": CANARY})
    there = change("users", None, person)
    their_item = change("items", None, item(user_id=user_id, value=CANARY))
    started = change("sessions", None, session(id=f"S{user_id}", user_id=user_id, agent=CANARY))
    return [
        *there,
        *their_item,
        *started,
        *change("users", person, removed(user_id)),
        *change("items", item(user_id=user_id), _tombstone_of_item(user_id)),
    ]


def run_pages(job: Job, *, between: Callable[[Job], object] = lambda _: None, times: int = 1) -> None:
    """Run the pages of a job until it has ended, as many `times` each. `between` is called with the job before each."""
    for now in _pages(job):
        between(now)
        consume([a_page(now)] * times)


def run_steps(job: Job, *, between: Callable[[Job], object] = lambda _: None) -> None:
    """Run the pages of a job until it has ended, one step each."""
    for now in _pages(job):
        between(now)
        run_a_step(now)


def run_a_step(job: Job) -> None:
    """Run a page of a job that takes its next step alone."""
    run_page(job["id"], {"turn": jobs().get(job["id"])["turn"]}, seconds=0)


def schemas(database: Database) -> set[str]:
    """The read model's schemas that the database has."""
    with database.transaction() as transaction:
        found = transaction.run("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'rollcall%'")
    return {name for (name,) in found}


def _pages(job: Job) -> Iterator[Job]:
    """The job before each of its pages, which are not on the queue then, as a message that is handled is not."""
    for _ in range(PAGES):
        clients.client("sqs").delete_queue(QueueUrl=settings().queue_url(QUEUE))
        make_queues()
        now = jobs().get(job["id"])
        clock.tick(seconds=3600 if "waits" in (now["reached"]["cursor"] or {}) else 20)
        if now["status"] in ENDED:
            return
        yield now
    raise AssertionError("the job does not end")


def a_page(job: Job) -> dict[str, Any]:
    """The message of the job's next page. Its delay passes while nobody waits for it."""
    return {"job": job["id"], "kind": "rebuild", "page": {"turn": job["turn"]}}


def finished(job: Job) -> Job:
    """The job, which must have finished."""
    found = jobs().get(job["id"])
    assert found["status"] in ENDED
    assert found["status"] == "finished", found
    return found
