"""Roles and status: applied by jobs that an administrator began with a second factor, and by no other."""

from __future__ import annotations

import json

import pytest

from chalicelib import accounts
from chalicelib.core.aws import clients
from chalicelib.core.settings import settings
from chalicelib.exports.routes import exports
from chalicelib.imports.chunk import import_chunk
from chalicelib.imports.finish import finish_import
from chalicelib.imports.plan import plan_import
from chalicelib.imports.routes import imports as routes
from chalicelib.imports.uploads import receive_uploads
from chalicelib.jobs import jobs
from chalicelib.oauth.routes import oauth as machine_routes
from tests.builders import PASSWORD, a_user, an_admin
from tests.functional.apps import ApiClient
from tests.functional.faults import listening
from tests.functional.importing import StateMachines, people
from tests.functional.visitors import visitor


@pytest.fixture
def api(held_clock):
    client = ApiClient(routes, exports)
    client.sign_in("A1", "admin", second_factor=True)
    return client


def run(state_machines: StateMachines, api: ApiClient, rows: list[dict], **asked: object) -> dict:
    made = api.call("POST", "/imports", {"privileged": True, **asked})
    assert made.status == 201, made.body
    receive_uploads(
        {"Records": [state_machines.upload(json.dumps(rows).encode(), made.body["upload"]["fields"]["key"])]}
    )
    return state_machines.run_import(state_machines.waiting())


@pytest.mark.slow
def test_a_privileged_job_applies_roles_and_status(state_machines, api, aws):
    an_admin(id="A1", name="One")
    rows = [
        {"id": "a", "name": "Ann", "roles": ["support", "admin"]},
        {"id": "b", "name": "Bea", "status": "disabled"},
        {"id": "c", "name": "Cem", "roles": "admin"},
        {"id": "d", "name": "Dov", "status": "gone"},
        {"id": "e", "name": "Eva", "status": ["active"]},
    ]
    job = run(state_machines, api, rows)
    assert job["options"]["privileged"] is True
    assert [(field, reason) for _, field, reason in state_machines.errors(job)] == [
        ("roles", "must be a list of 20 roles at most"),
        ("status", "must be active or disabled"),
        ("status", "must be active or disabled"),
    ]
    assert people(aws)["Ann"]["roles"] == ["admin", "support"]
    assert people(aws)["Bea"]["status"] == "disabled"
    job = run(state_machines, api, [{"id": "a", "roles": []}, {"id": "b", "name": "Bea"}], mode="upsert")
    assert (job["counts"]["updated"], job["counts"]["unchanged"]) == (1, 1)
    assert (people(aws)["Ann"]["roles"], people(aws)["Ann"].get("roles_shard")) == ([], None)
    assert people(aws)["Bea"]["status"] == "disabled"


@pytest.mark.slow
@pytest.mark.parametrize("proof", [{"second_factor": False}, {"second_factor": True, "seconds_ago": 301}])
def test_privileges_want_a_recent_second_factor(state_machines, api, proof):
    job = run(state_machines, api, [{"name": "A", "age": -1}])
    api.sign_in("A1", "admin", **proof)
    assert api.call("POST", "/imports", {"privileged": True}).status == 401
    assert api.call("POST", f"/imports/{job['id']}/retry").status == 401
    api.sign_in("A1", "admin")
    assert api.call("POST", "/imports", {}).status == 201
    api.be_machine("C1", "admin")
    assert api.call("POST", "/imports", {"privileged": True}).status == 403


@pytest.fixture
def claims(aws):
    """A stage whose tokens say the member `tenant` of a person's metadata."""
    with settings.held(token_claims=("tenant",)):
        yield


@pytest.mark.slow
def test_a_plain_file_writes_nothing_that_tokens_say(claims, state_machines, api, aws):
    job = state_machines.drop(json.dumps([{"id": "a", "name": "Ann", "metadata": {"tenant": "root"}}]).encode())
    assert [(field, reason) for _, field, reason in state_machines.errors(job)] == [
        ("metadata", "has tenant, a claim of tokens, which is applied by privileged imports only")
    ]
    of_auth0 = [{"user_id": "auth0|b", "email": "b@example.com", "app_metadata": {"tenant": "root"}}]
    assert state_machines.drop(json.dumps(of_auth0).encode())["counts"]["failed"] == 1
    assert people(aws) == {}
    an_admin(id="A1", name="One")
    run(state_machines, api, [{"id": "a", "name": "Ann", "metadata": {"tenant": "maths", "note": 1}}])
    for mode in ("create", "upsert"):
        state_machines.drop(json.dumps([{"id": "a", "metadata": {"tenant": "root"}}]).encode(), mode=mode)
    assert people(aws)["Ann"]["metadata"] == {"tenant": "maths", "note": 1}


@pytest.mark.slow
def test_a_plain_file_takes_nothing_away_that_tokens_say(claims, state_machines, api, aws):
    an_admin(id="A1", name="One")
    run(state_machines, api, [{"id": "a", "name": "Ann", "metadata": {"tenant": "maths", "note": 1}}])
    state_machines.drop(json.dumps([{"id": "a", "metadata": {"plan": 7}}]).encode(), mode="upsert")
    assert people(aws)["Ann"]["metadata"] == {"tenant": "maths", "plan": 7}
    run(state_machines, api, [{"id": "a", "metadata": {"tenant": "physics"}}], mode="upsert")
    assert people(aws)["Ann"]["metadata"] == {"tenant": "physics"}


@pytest.mark.slow
@pytest.mark.parametrize("ending", [{"roles": []}, {"roles": ["support"]}, {"status": "disabled"}])
def test_a_privileged_job_leaves_its_administrator(state_machines, api, aws, ending):
    an_admin(id="A1", name="One")
    an_admin(id="A2", name="Two")
    before = people(aws)["One"]
    rows = [{"id": "A1", **ending}, {"id": "A2", **ending}, {"id": "c", "name": "Cem"}]
    trial = run(state_machines, api, rows, mode="upsert", dry_run=True)
    assert trial["counts"] == {"rows": 3, "created": 1, "updated": 1, "unchanged": 0, "failed": 1}
    job = run(state_machines, api, rows, mode="upsert")
    assert job["counts"] == trial["counts"]
    assert [reason for *_, reason in state_machines.errors(job)] == ["another administrator has to do that"]
    assert people(aws)["One"] == before
    assert ending.items() <= people(aws)["Two"].items()


@pytest.mark.slow
def test_who_is_no_administrator_any_more_ends_none_by_a_file(state_machines, api, aws):
    one = an_admin(id="A1", name="One")
    an_admin(id="A2", name="Two")
    made = api.call("POST", "/imports", {"privileged": True, "mode": "upsert"}).body
    accounts.people().change(one, lambda _: {"roles": []})
    rows = json.dumps([{"id": "A2", "status": "disabled"}, {"id": "c", "name": "Cem"}]).encode()
    receive_uploads({"Records": [state_machines.upload(rows, made["upload"]["fields"]["key"])]})
    job = state_machines.run_import(state_machines.waiting())
    assert [(field, reason) for _, field, reason in state_machines.errors(job)] == [
        ("status", "wants the administrator who began the import to be one still")
    ]
    assert (people(aws)["Two"]["status"], "Cem" in people(aws)) == ("active", True)


@pytest.mark.slow
@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("end", [{"roles": []}, {"status": "disabled"}])
def test_who_is_no_administrator_any_more_makes_none_by_a_file(claims, state_machines, api, aws, end, dry_run):
    one = an_admin(id="A1", name="One")
    a_user(id="U1", name="Uma", roles=["support"], metadata={"tenant": "maths"})
    made = api.call("POST", "/imports", {"privileged": True, "mode": "upsert", "dry_run": dry_run}).body
    accounts.people().change(one, lambda _: end)
    before = people(aws)
    rows = [
        {"id": "A1", "roles": ["admin"], "status": "active"},
        {"id": "U1", "roles": ["admin"]},
        {"id": "U1b", "name": "Una", "roles": ["admin"]},
        {"id": "U1c", "name": "Ulf", "metadata": {"tenant": "root"}},
    ]
    file = state_machines.upload(json.dumps(rows).encode(), made["upload"]["fields"]["key"])
    receive_uploads({"Records": [file]})
    told = state_machines.errors(state_machines.run_import(state_machines.waiting()))
    assert [field for _, field, _ in told] == ["roles", "roles", "roles", "metadata"]
    assert all(reason.endswith("the administrator who began the import to be one still") for *_, reason in told)
    assert people(aws) == before


@pytest.mark.slow
def test_two_files_that_end_each_others_administrator_leave_one(state_machines, api, aws):
    one, two = an_admin(id="A1", name="One"), an_admin(id="A2", name="Two")

    def meanwhile(params: dict, **_: object) -> None:
        """The other one was faster, after this one's rows had been read."""
        if b"ConditionCheck" in params["body"] and accounts.is_administrator(accounts.people().get("A1")):
            accounts.people().change(one, lambda _: {"roles": []})

    made = api.call("POST", "/imports", {"privileged": True, "mode": "upsert"}).body
    file = state_machines.upload(b'[{"id": "A2", "roles": []}]', made["upload"]["fields"]["key"])
    receive_uploads({"Records": [file]})
    given = state_machines.waiting()
    (entry,) = state_machines.manifest(plan_import(given))
    event = "before-call.dynamodb.TransactWriteItems"
    with listening(clients.client("dynamodb"), event, meanwhile):
        import_chunk(entry)
    finish_import(given)
    assert jobs().get(given["job"])["counts"]["failed"] == 1
    assert accounts.people().get(two["id"])["roles"] == ["admin"]


@pytest.mark.slow
def test_whom_a_file_disables_loses_their_sessions_for_good(state_machines, api, aws):
    an_admin(id="A1", name="One")
    a_user(id="U1", email="ada@maths.example", password=PASSWORD)
    stolen = visitor("ada@maths.example")
    run(state_machines, api, [{"id": "U1", "status": "disabled"}], mode="upsert")
    assert stolen.call("GET", "/me").status == 401
    run(state_machines, api, [{"id": "U1", "status": "active"}], mode="upsert")
    assert stolen.call("GET", "/me").status == 401
    assert visitor("ada@maths.example").call("GET", "/me").status == 200


@pytest.mark.slow
@pytest.mark.parametrize("member", ["id", "cognito:username", "user_id"])
def test_no_person_has_the_id_of_a_machine(state_machines, aws, member):
    administrator = ApiClient(machine_routes)
    administrator.sign_in("A1", "admin", second_factor=True)
    client = administrator.call("POST", "/clients", {"name": "billing", "roles": ["service"]}).body
    for taken in (client["id"], "rollcall"):
        row = {"email": f"{member[:2]}{taken}@example.com", member: taken}
        files = {"cognito:username": f"email,{member}\n{row['email']},{taken}\n".encode()}
        state_machines.drop(files.get(member, json.dumps([row]).encode()))
        assert taken not in {person["id"] for person in aws.rows("users")}
