"""Imports of millions of rows, and jobs whose state machine died."""

from __future__ import annotations

import json

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import clients, objects, telemetry
from chalicelib.core.aws.dynamo import from_item
from chalicelib.core.settings import settings
from chalicelib.imports.chunk import import_chunk
from chalicelib.imports.model import CHUNK_ROWS, Counts, chunk_part
from chalicelib.imports.plan import plan_import
from chalicelib.imports.uploads import receive_uploads
from chalicelib.job_runner.expiry import LOOKED_AT, fail_dead_jobs
from chalicelib.jobs import jobs
from tests.functional.faults import listening
from tests.states import PAYLOAD_BYTES

CHUNKS = 2400
"""Some more than the largest file has: rows that are long make chunks of fewer."""
ROWS = CHUNKS * CHUNK_ROWS
COUNTS = Counts(created=CHUNK_ROWS).stored()


class Large:
    """An import of one row, which stands for millions: its plan names as many chunks as these make, and each answers
    as that of the one row did."""

    def __init__(self, state_machines):
        self.state_machines = state_machines
        receive_uploads({"Records": [state_machines.upload(b'[{"name": "Ann"}]')]})
        self.given = state_machines.waiting()

    def plan(self, event):
        planned = plan_import(event)
        (entry,) = self.state_machines.manifest(planned)
        self.answer = import_chunk(entry)
        entries = [{**entry, "chunk": chunk} for chunk in range(1, CHUNKS + 1)]
        objects.put(planned["manifest"]["key"], json.dumps(entries).encode())
        jobs().change(event["job"], chunks=CHUNKS, rows=ROWS)
        return {**planned, "chunks": CHUNKS}

    def record(self):
        """Record every chunk but the first, which is."""
        table = settings().names.of("jobs")
        parts = [
            {"id": self.given["job"], "part": chunk_part(chunk), "counts": {"created": CHUNK_ROWS}}
            for chunk in range(2, CHUNKS + 1)
        ]
        for start in range(0, len(parts), 25):
            puts = [{"PutRequest": {"Item": from_item(part)}} for part in parts[start : start + 25]]
            clients.client("dynamodb").batch_write_item(RequestItems={table: puts})

    def chunk(self, entry):
        answer = {"job": entry["job"], "chunk": entry["chunk"], "counts": COUNTS}
        assert answer.keys() == self.answer.keys()
        return answer

    def run(self, change=lambda definition: None):
        """Run it by the definition, changed in some way: how the execution ended, and the job."""
        machine = self.state_machines.machine("import", plan_import=self.plan, import_chunk=self.chunk)
        change(machine.definition["States"])
        ended = machine.run(self.given)
        assert machine.children == CHUNKS
        return ended, jobs().get(self.given["job"])


def collecting(states):
    del states["Chunks"]["ItemProcessor"]["States"]["Chunk"]["OutputPath"]


def catching_all_alone(states):
    collecting(states)
    states["Chunks"]["Catch"] = [
        rule for rule in states["Chunks"]["Catch"] if rule["ErrorEquals"] == ["States.ALL"]
    ]


@pytest.mark.slow
def test_an_import_of_millions_of_rows_ends_as_finished(state_machines):
    large = Large(state_machines)
    large.record()
    ended, job = large.run()
    assert ended.status == "SUCCEEDED"
    assert job["status"] == "finished"
    assert job["counts"]["created"] == ROWS - CHUNK_ROWS + 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "error", "status"),
    [(collecting, "ImportFailed", "failed"), (catching_all_alone, "States.DataLimitExceeded", "running")],
)
def test_a_map_that_collects_what_its_chunks_answer_fails_after_every_row_is_in(
    state_machines, change, error, status
):
    """And hangs, where nobody catches that by its name."""
    ended, job = Large(state_machines).run(change)
    assert (ended.error, job["status"]) == (error, status)


@pytest.mark.slow
def test_what_the_map_collects_leaves_room_for_the_largest_file(state_machines):
    machine = state_machines.machine("import")
    receive_uploads(
        {"Records": [state_machines.upload(b"\n".join(b'{"name": "Ann"}' for _ in range(3 * CHUNK_ROWS)))]}
    )
    assert machine.run(state_machines.waiting()).status == "SUCCEEDED"
    assert (machine.children, machine.collected) == (3, [3 * len("{}") + 2 + len("[]")])
    assert 10_000_000 / CHUNK_ROWS * len(",{}") < PAYLOAD_BYTES


def arn_of(job_id, machine="import"):
    return settings().arn("states", f"execution:{settings().names.of(machine)}:{job_id}")


def begun(state_machines, rows=1):
    """An import that has planned and taken its first chunk, and not more."""
    receive_uploads(
        {"Records": [state_machines.upload(b"\n".join(b'{"name": "Ann %d"}' % row for row in range(rows)))]}
    )
    given = state_machines.waiting()
    for entry in state_machines.manifest(plan_import(given))[:1]:
        import_chunk(entry)
    return given["job"]


@pytest.mark.slow
def test_a_job_whose_state_machine_was_stopped_fails_within_minutes(state_machines, aws):
    job_id = begun(state_machines, 2)
    fail_dead_jobs()
    assert jobs().get(job_id)["status"] == "running"
    clients.client("stepfunctions").stop_execution(executionArn=arn_of(job_id))
    clock.tick(minutes=5)
    fail_dead_jobs()
    job = jobs().get(job_id)
    assert (job["status"], job["reason"]) == ("failed", "its state machine ended without it (ABORTED)")
    assert job["counts"]["created"] == 2
    fail_dead_jobs()
    assert jobs().get(job_id) == job


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_however_it_died(state_machines, status):
    job_id = begun(state_machines)
    with described_as(status):
        clock.tick(minutes=5)
        fail_dead_jobs()
    assert status in jobs().get(job_id)["reason"]


@pytest.mark.parametrize("status", ["RUNNING", "SUCCEEDED", "PENDING_REDRIVE"])
def test_what_goes_on_or_ended_well_is_left_alone(state_machines, status):
    job_id = begun(state_machines)
    with described_as(status):
        clock.tick(minutes=5)
        fail_dead_jobs()
    assert jobs().get(job_id)["status"] == "running"


def described_as(status):
    def described(parsed, **_):
        parsed["status"] = status

    return listening(clients.client("stepfunctions"), "after-call.stepfunctions.DescribeExecution", described)


def test_a_job_that_ended_meanwhile_stays_as_it_ended(state_machines):
    job_id = begun(state_machines)

    def ended(**_):
        jobs().settle(job_id, status="finished")

    with (
        described_as("FAILED"),
        listening(clients.client("stepfunctions"), "before-call.stepfunctions.DescribeExecution", ended),
    ):
        clock.tick(minutes=5)
        fail_dead_jobs()
    assert jobs().get(job_id)["status"] == "finished"


@pytest.mark.slow
def test_a_run_looks_at_a_hundred_and_those_that_run_come_first(state_machines, aws):
    """Forms that were asked for and never used have no state machine."""
    for number in range(LOOKED_AT + 20):
        jobs().create("import", f"Z{number:03d}")
    job_id = begun(state_machines)
    clock.tick(minutes=5)
    with described_as("FAILED"), telemetry.recording() as seen:
        fail_dead_jobs()
    assert len(seen.of("DescribeExecution")) == LOOKED_AT
    assert jobs().get(job_id)["status"] == "failed"
    assert {jobs().get(f"Z{number:03d}")["status"] for number in range(LOOKED_AT + 20)} == {"waiting"}
