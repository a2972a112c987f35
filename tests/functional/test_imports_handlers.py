"""The handlers of `app.py` that files, items and jobs come in by, called as Lambda calls them."""

from __future__ import annotations

import json

import pytest

from chalicelib import items
from chalicelib.core.aws import clients
from chalicelib.jobs import jobs, queue_page
from tests.functional.importing import StateMachines, people
from tests.functional.serial import one_call_at_a_time

ITEM = {"user_id": "U1", "item_id": "W1", "item_key": "k", "item_value": 1, "at": "2026-03-01T11:00:00Z"}


@pytest.mark.slow
def test_a_file_goes_through_the_handlers_to_people_and_out_again(aws, held_clock, chalice_client):
    state_machines, invoke = StateMachines(aws), chalice_client.lambda_.invoke
    with one_call_at_a_time():
        invoke("on_upload", {"Records": [state_machines.upload(b'[{"name": "Ann"}]')]})
        given = state_machines.waiting()
        plan = invoke("plan_import", given).payload
        for entry in state_machines.manifest(plan):
            invoke("import_chunk", entry)
        assert invoke("finish_import", given).payload == {"job": given["job"], "status": "finished"}
        assert people(aws).keys() == {"Ann"}

        job, _ = jobs().create(
            "export", "01KJMMA2G0KD8PM2V0XHKZ8CQ3", format="ndjson", credentials=False, filters={}
        )
        segments = [{"job": job["id"], "segment": 0, "segments": 1}]
        assert invoke("export_segment", segments[0]).payload["rows"] == 1
        invoke("finish_export", {"job": job["id"], "segments": segments})
        assert jobs().get(job["id"])["counts"] == {"rows": 1}


@pytest.mark.slow
def test_items_and_pages_go_through_the_handlers(aws, held_clock, chalice_client):
    invoke = chalice_client.lambda_.invoke
    clients.send("items", json.dumps(ITEM))
    invoke("on_items", {"Records": aws.take("items")})
    assert items.value_of(aws.rows("items")[0]) == 1
    assert invoke("put_items", {"items": [ITEM, {}]}).payload["accepted"] == 1
    jobs().create("erasure", "J1", subject="U1")
    queue_page("J1", "erasure", {"table": "items"})
    invoke("on_job", {"Records": aws.take("jobs")})
    assert "value" not in aws.rows("items")[0]
    held_clock.tick(days=2)
    jobs().create("import", "old")
    held_clock.tick(days=2)
    invoke("every_day", chalice_client.events.generate_cw_event("aws.events", "Scheduled Event", {}, []))
    assert jobs().get("old")["status"] == "failed"
