"""Roles and status: applied by jobs that an administrator began with a second factor, and by no other."""

from __future__ import annotations

import json

import pytest

from chalicelib.bulk.routes import routes
from chalicelib.bulk.uploads import receive_uploads
from tests.functional.apps import ApiClient
from tests.functional.importing import Machines, people
from tests.functional.serial import one_call_at_a_time


@pytest.fixture
def machines(aws, held_clock):
    with one_call_at_a_time():
        yield Machines(aws)


@pytest.fixture
def api(held_clock):
    client = ApiClient(routes)
    client.sign_in("A1", "admin", second_factor=True)
    return client


def run(machines: Machines, api: ApiClient, rows: list[dict], **asked: object) -> dict:
    made = api.call("POST", "/imports", {"privileged": True, **asked})
    assert made.status == 201, made.body
    receive_uploads(
        {"Records": [machines.upload(json.dumps(rows).encode(), made.body["upload"]["fields"]["key"])]}
    )
    return machines.run_import(machines.waiting())


@pytest.mark.slow
def test_a_privileged_job_applies_roles_and_status(machines, api, aws):
    rows = [
        {"id": "a", "name": "Ann", "roles": ["support", "admin"]},
        {"id": "b", "name": "Bea", "status": "disabled"},
        {"id": "c", "name": "Cem", "roles": "admin"},
        {"id": "d", "name": "Dov", "status": "gone"},
        {"id": "e", "name": "Eva", "status": ["active"]},
    ]
    job = run(machines, api, rows)
    assert job["options"]["privileged"] is True
    assert [(field, reason) for _, field, reason in machines.errors(job)] == [
        ("roles", "must be a list of 20 roles at most"),
        ("status", "must be active or disabled"),
        ("status", "must be active or disabled"),
    ]
    assert people(aws)["Ann"]["roles"] == ["admin", "support"]
    assert people(aws)["Bea"]["status"] == "disabled"
    job = run(machines, api, [{"id": "a", "roles": []}, {"id": "b", "name": "Bea"}], mode="upsert")
    assert (job["counts"]["updated"], job["counts"]["unchanged"]) == (1, 1)
    assert (people(aws)["Ann"]["roles"], people(aws)["Ann"].get("roles_shard")) == ([], None)
    assert people(aws)["Bea"]["status"] == "disabled"


@pytest.mark.slow
@pytest.mark.parametrize("proof", [{"second_factor": False}, {"second_factor": True, "seconds_ago": 301}])
def test_privileges_want_a_recent_second_factor(machines, api, proof):
    job = run(machines, api, [{"name": "A", "age": -1}])
    made = api.call("POST", "/imports", {})
    api.sign_in("A1", "admin", **proof)
    assert api.call("POST", "/imports", {"privileged": True}).status == 401
    assert api.call("POST", f"/imports/{job['id']}/retry").status == 401
    assert api.call("POST", "/imports", {}).status == made.status == 201
    api.be_machine("C1", "admin")
    assert api.call("POST", "/imports", {"privileged": True}).status == 403
