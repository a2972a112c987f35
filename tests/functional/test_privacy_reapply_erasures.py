"""After a restore: whoever was erased since the backup is erased again."""

from __future__ import annotations

import pytest

from chalicelib import items
from chalicelib.accounts import removal
from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from chalicelib.core.errors import Malformed
from chalicelib.jobs import jobs
from chalicelib.privacy.reapply_erasures import ERASURES_AT_ONCE, reapply_erasures
from tests.builders import PASSWORD, a_user
from tests.functional.pages import run_jobs, without_delays
from tests.functional.serial import one_call_at_a_time

CANARY = "canary-of-ada"
RESTORED = ("users", "credentials", "items", "history", "mail", "sessions")


@pytest.fixture(autouse=True)
def _one_at_a_time(aws, held_clock):
    with one_call_at_a_time(), without_delays():
        yield


def everything(aws) -> str:
    return "\n".join(repr(row) for table in (*RESTORED, "jobs") for row in aws.rows(table))


def a_life(user_id: str) -> None:
    a_user(id=user_id, email=f"{user_id}@maths.example", name=CANARY, password=PASSWORD)
    write = {"item_id": "i", "item_key": "k", "item_value": CANARY, "at": clock.timestamp()}
    items.apply(items.ItemWrite(user_id=user_id, **write))


def restore(aws, backup: dict[str, list]) -> None:
    for table, rows in backup.items():
        for row in rows:
            aws.put(table, row)


@pytest.mark.slow
def test_who_came_back_with_a_backup_is_erased_again_and_others_are_not(aws):
    for user_id in ("U1", "U2"):
        a_life(user_id)
    backup = {table: aws.rows(table) for table in RESTORED}
    removal.remove(next(row for row in aws.rows("users") if row["id"] == "U1"))
    run_jobs(aws)
    restore(aws, backup)
    assert "U1@maths.example" in everything(aws)
    for returned in (1, 0):
        assert reapply_erasures({}) == {"erasures": 1, "returned": returned, "next": None}
        run_jobs(aws)
        left = everything(aws)
        assert "U1@maths.example" not in left
        assert {row["id"] for row in aws.rows("users") if row.get("name") == CANARY} == {"U2"}
        assert {row["user_id"] for row in aws.rows("items") if CANARY in repr(row)} == {"U2"}
        assert "password#U1" not in left
    assert {row["id"] for row in aws.rows("credentials")} == {"email#u2@maths.example", "password#U2"}


@pytest.mark.slow
def test_what_came_back_of_someone_whose_tombstone_stayed_goes_too(aws):
    """Only the table of items, and that of passwords, was restored."""
    a_life("U1")
    backup = {table: aws.rows(table) for table in ("items", "credentials")}
    removal.remove(aws.rows("users")[0])
    run_jobs(aws)
    backup["credentials"] = [row for row in backup["credentials"] if row["id"] == "password#U1"]
    restore(aws, backup)
    assert reapply_erasures({})["returned"] == 0
    run_jobs(aws)
    assert CANARY not in everything(aws)
    assert aws.rows("credentials") == []


@pytest.mark.slow
def test_the_ledger_outlives_every_backup_and_names_nobody(aws):
    a_life("U1")
    job = removal.remove(aws.rows("users")[0])
    run_jobs(aws)
    clock.tick(days=36)
    assert reapply_erasures({})["erasures"] == 1
    assert not any(told in repr(jobs().get(job["id"])) for told in (CANARY, "maths.example"))


@pytest.mark.slow
def test_erasures_are_gone_through_in_pages_down_to_the_moment_of_the_backup(aws):
    for number in range(ERASURES_AT_ONCE + 2):
        jobs().create("erasure", f"J{number:03}", subject=f"U{number}")
    first = reapply_erasures({})
    assert (first["erasures"], first["next"]["id"]) == (ERASURES_AT_ONCE, "J002")
    assert reapply_erasures({"after": first["next"]}) == {"erasures": 2, "returned": 0, "next": None}
    clock.tick(hours=1)
    jobs().create("erasure", "K", subject="U9")
    aws.take("jobs")
    with telemetry.recording() as seen:
        assert reapply_erasures({"since": clock.timestamp()}) == {"erasures": 1, "returned": 0, "next": None}
    assert seen.names == ["Query", "BatchGetItem", "SendMessage"]
    later = clock.timestamp(clock.now().replace(year=2027))
    assert reapply_erasures({"since": later}) == {"erasures": 0, "returned": 0, "next": None}


@pytest.mark.parametrize("event", [[], {"until": "x"}, {"since": "yesterday"}, {"since": 7}])
def test_another_event_is_refused(event):
    with pytest.raises(Malformed, match=r"the event must be|since is no RFC 3339 time"):
        reapply_erasures(event)


@pytest.mark.slow
def test_a_crash_between_queueing_and_removing_is_made_up_for(aws):
    """The page comes to nothing for somebody who is still there, and the operator runs it again."""
    a_life("U1")
    backup = aws.rows("users")
    removal.remove(backup[0])
    run_jobs(aws)
    restore(aws, {"users": backup})
    reapply_erasures({})
    aws.take("jobs")
    reapply_erasures({})
    run_jobs(aws)
    assert CANARY not in everything(aws)
