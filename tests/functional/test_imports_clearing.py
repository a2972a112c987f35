"""What bulk work leaves behind in its bucket: nothing that tells of a person or signs one in, once it has served."""

from __future__ import annotations

import json

import pytest

from chalicelib.core.aws import clients
from chalicelib.core.errors import Conflict
from chalicelib.core.settings import settings
from chalicelib.exports.clearing import remove_served_exports
from chalicelib.exports.export import export_segment, finish_export
from chalicelib.exports.routes import exports
from chalicelib.imports.chunk import import_chunk
from chalicelib.imports.finish import finish_import
from chalicelib.imports.plan import plan_import
from chalicelib.imports.routes import imports
from chalicelib.imports.uploads import receive_uploads
from chalicelib.job_runner.expiry import fail_dead_jobs
from chalicelib.jobs import jobs
from tests.builders import PASSWORD, a_user
from tests.functional.apps import ApiClient
from tests.functional.faults import Crash, crashing, listening
from tests.functional.importing import CHUNK, people, wide
from tests.functional.vendor_files import BCRYPT, BCRYPT_PASSWORD, TOTP
from tests.functional.visitors import Visitor

PLAIN = "written down by Kratos"


@pytest.fixture
def api(held_clock):
    client = ApiClient(imports, exports)
    client.sign_in("A1", "admin", second_factor=True)
    return client


def kratos(email: str, **more: object) -> dict:
    password = {"config": {"password": PLAIN}}
    totp = {"config": {"totp_url": f"otpauth://totp/x?secret={TOTP}"}}
    return {
        "traits": {"email": email, "name": "Ann"},
        "credentials": {"password": password, "totp": totp},
        **more,
    }


def array(*rows: object) -> bytes:
    return b"[" + b",\n".join(row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows) + b"]"


def work(aws) -> str:
    """All that the bucket holds, in all of its versions."""
    s3, bucket = aws.session.client("s3"), settings().bucket("work")
    listed = s3.list_object_versions(Bucket=bucket).get("Versions", [])
    found = [
        s3.get_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])["Body"].read()
        for each in listed
    ]
    return b"\n".join(found).decode("latin-1")


def stop(machine: str, job_id: str) -> None:
    """Stop the execution of a job."""
    arn = settings().arn("states", f"execution:{settings().names.of(machine)}:{job_id}")
    clients.client("stepfunctions").stop_execution(executionArn=arn)


def chunks(aws) -> list[str]:
    return [key for key in aws.objects("work") if "/chunks/" in key or "/told/" in key]


@pytest.mark.slow
def test_secrets_are_in_no_chunk_while_an_import_runs(state_machines, aws):
    secrets = (PLAIN, TOTP, BCRYPT, "ann@example.com", "bea@example.com")
    ours = {"email": "bea@example.com", "password_hash": BCRYPT, "name": "Bea"}
    for file in (array(kratos("ann@example.com")), array(ours)):
        receive_uploads({"Records": [state_machines.upload(file)]})
        given = state_machines.waiting()
        entries = state_machines.manifest(plan_import(given))
        assert chunks(aws)
        assert [secret for secret in secrets if secret in work(aws)] == []
        for entry in entries:
            import_chunk(entry)
        finish_import(given)
        assert chunks(aws) == []
    assert people(aws).keys() == {"ann@example.com", "bea@example.com"}


@pytest.mark.slow
def test_of_refused_rows_alone_is_kept_what_a_retry_needs(state_machines, api, aws):
    rows = [
        {"email": "ann at example.com", "password_hash": BCRYPT, "user_metadata": {"a": 1}},
        {"email": "bea@example.com", "password_hash": BCRYPT, "user_metadata": {"a": 1}},
    ]
    job = state_machines.drop(array(*rows))
    assert len(chunks(aws)) == 1
    (told,) = state_machines.report(job)
    answer = api.call("POST", f"/imports/{job['id']}/retry", {"rows": [{**told, "email": "ann@example.com"}]})
    assert answer.status == 202
    key = next(key for key in aws.objects("uploads") if "/retries/" in key)
    receive_uploads({"Records": [state_machines.upload(aws.objects("uploads")[key], key)]})
    before = len(next(iter(aws.objects("work")[key] for key in chunks(aws))))
    (given,) = [each for each in state_machines.started() if "run" in each]
    assert state_machines.run_import(given)["counts"]["created"] == 2
    assert Visitor().enter("ann@example.com", BCRYPT_PASSWORD).status == 201
    (left,) = chunks(aws)
    assert len(aws.objects("work")[left]) < before
    assert "/retries/" not in left


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"dry_run": "true"}, {}])
def test_a_trial_a_refused_file_and_one_without_faults_leave_no_chunk(state_machines, aws, options):
    many = [wide({"email": f"p{number}@example.com"}) for number in range(CHUNK + 1)]
    assert state_machines.drop(array(*many), **options)["status"] == "finished"
    torn = state_machines.drop(array(*many)[:-1], **options)
    assert (torn["status"], "chunks" in torn) == ("failed", False)
    refused = [wide({"email": f"p{number}@example.com", "age": -1}) for number in range(CHUNK + 1)]
    trial = state_machines.drop(array(*refused), dry_run="true")
    assert trial["counts"]["failed"] == CHUNK + 1
    assert chunks(aws) == []


@pytest.mark.slow
def test_chunks_go_also_where_the_end_crashed_or_a_step_failed(state_machines, aws):
    for failed in ({}, {"error": {"Error": "Lambda.Unknown"}}):
        receive_uploads({"Records": [state_machines.upload(array({"name": "Ann"}))]})
        given = state_machines.waiting()
        plan_import(given)
        with crashing("s3", "DeleteObject", after=False), pytest.raises(Crash):
            finish_import({**given, **failed})
        assert len(chunks(aws)) == 1
        finish_import({**given, **failed})
        assert chunks(aws) == []


@pytest.mark.slow
def test_chunks_of_a_plan_that_died_go_with_its_job(state_machines, aws):
    receive_uploads({"Records": [state_machines.upload(array({"name": "Ann"}))]})
    given = state_machines.waiting()
    with crashing("s3", "PutObject", after=True), pytest.raises(Crash):
        plan_import(given)
    assert len(chunks(aws)) == 1
    finish_import({**given, "error": {"Error": "Sandbox.Timedout"}})
    assert chunks(aws) == []


@pytest.mark.slow
def test_chunks_go_with_a_state_machine_that_was_stopped(state_machines, aws, held_clock):
    receive_uploads({"Records": [state_machines.upload(array({"name": "Ann"}))]})
    given = state_machines.waiting()
    plan_import(given)
    stop("import", given["job"])
    held_clock.tick(seconds=1)
    fail_dead_jobs()
    assert jobs().get(given["job"])["status"] == "failed"
    assert chunks(aws) == []


@pytest.fixture
def exported(state_machines, api, aws):
    """An export with credentials that has finished."""
    a_user(id="U1", email="ada@maths.example", password=PASSWORD)
    assert api.call("POST", "/exports", {"credentials": True}).status == 202
    (given,) = state_machines.started("export")
    return state_machines.run_export(given)


@pytest.mark.slow
def test_segments_go_when_they_are_joined(exported, aws):
    assert list(aws.objects("work")) == [exported["file"]]


@pytest.mark.slow
def test_segments_go_where_an_export_fails(state_machines, api, aws):
    assert api.call("POST", "/exports", {}).status == 202
    (given,) = state_machines.started("export")
    export_segment(given["segments"][1])
    failed = state_machines.machine("export", export_segment=_broken).run(given)
    assert (failed.status, aws.objects("work")) == ("FAILED", {})


def _broken(_: dict) -> dict:
    raise ValueError


@pytest.mark.slow
@pytest.mark.parametrize("way", ["by its last step", "with its state machine"])
def test_what_was_joined_goes_where_an_export_fails_after_it(state_machines, api, aws, held_clock, way):
    a_user(id="U1", email="ada@maths.example", password=PASSWORD)
    assert api.call("POST", "/exports", {"credentials": True}).status == 202
    (given,) = state_machines.started("export")
    for segment in given["segments"]:
        export_segment(segment)
    with crashing("s3", "PutObject", after=True), pytest.raises(Crash):
        finish_export(given)
    assert "argon2" in work(aws)
    if way == "by its last step":
        finish_export({**given, "error": {"Error": "Sandbox.Timedout"}})
    else:
        stop("export", given["job"])
        held_clock.tick(seconds=1)
        fail_dead_jobs()
    assert jobs().get(given["job"])["status"] == "failed"
    assert aws.objects("work") == {}


@pytest.mark.slow
def test_a_segment_that_is_written_while_its_export_ends_holds_nobody(state_machines, api, aws, held_clock):
    a_user(id="U1", email="ada@maths.example", password=PASSWORD)
    assert api.call("POST", "/exports", {"credentials": True}).status == 202
    (given,) = state_machines.started("export")

    def meanwhile(**_: object) -> None:
        """Somebody stopped the state machine, and the job was failed, while the segment's function went on."""
        if jobs().get(given["job"])["status"] == "running":
            stop("export", given["job"])
            held_clock.tick(seconds=1)
            fail_dead_jobs()

    with listening(clients.client("dynamodb"), "before-call.dynamodb.Scan", meanwhile):
        for segment in given["segments"]:
            with pytest.raises(Conflict, match="has failed"):
                export_segment(segment)
    assert (jobs().get(given["job"])["status"], work(aws)) == ("failed", "")


@pytest.mark.slow
def test_an_export_with_credentials_goes_with_its_link(exported, api, aws, held_clock):
    path = f"/exports/{exported['id']}"
    assert "X-Amz-Expires=600" in api.call("GET", path).body["link"]
    held_clock.tick(seconds=400)
    api.sign_in("A1", "admin", second_factor=True)
    assert "X-Amz-Expires=200" in api.call("GET", path).body["link"]
    remove_served_exports()
    assert list(aws.objects("work")) == [exported["file"]]
    held_clock.tick(seconds=200)
    api.sign_in("A1", "admin", second_factor=True)
    assert api.call("GET", path).body["link"] is None
    remove_served_exports()
    assert aws.objects("work") == {}
    version = jobs().get(exported["id"])["version"]
    remove_served_exports()
    assert jobs().get(exported["id"])["version"] == version
