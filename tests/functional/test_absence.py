"""What was deleted meanwhile, or may not be read, ends its work with a reason: AWS tells the two apart for nobody."""

from __future__ import annotations

import pytest

from chalicelib.core.aws import batch, objects
from chalicelib.core.errors import Gone
from chalicelib.core.settings import settings
from chalicelib.exports.routes import exports
from chalicelib.imports.chunk import import_chunk
from chalicelib.imports.finish import finish_import
from chalicelib.imports.plan import plan_import
from chalicelib.imports.routes import imports as routes
from chalicelib.imports.uploads import receive_uploads
from chalicelib.jobs import jobs
from chalicelib.replication.replicas import COPY_BYTES, COPY_SECONDS, replicate
from tests.environment import REGION
from tests.functional.apps import ApiClient
from tests.functional.faults import failing
from tests.functional.importing import StateMachines

PEOPLE = b'[{"email": "ann@example.com"}, {"email": "no address"}]'
FILE_IS_GONE = "the file is not there any more, or this stage may not read it (AccessDenied)"
WORK_IS_GONE = "what the job wrote is not there any more, or this stage may not read it (AccessDenied)"


@pytest.fixture
def state_machines(aws, held_clock):
    return StateMachines(aws)


@pytest.fixture
def api(held_clock):
    client = ApiClient(routes, exports)
    client.sign_in("A1", "admin")
    return client


@pytest.fixture
def delete(aws):
    """Deletes an object for good, every version of it."""
    s3 = aws.session.client("s3", region_name=REGION)

    def run(bucket: str, key: str) -> None:
        name = settings().bucket(bucket)
        for version in s3.list_object_versions(Bucket=name, Prefix=key).get("Versions", []):
            s3.delete_object(Bucket=name, Key=key, VersionId=version["VersionId"])

    return run


@pytest.mark.slow
def test_an_upload_that_was_deleted_before_it_was_copied_fails_its_job_and_is_parked(
    state_machines, api, aws, delete
):
    job = api.call("POST", "/imports", {"content": "users"}).body
    event = state_machines.upload(PEOPLE, key := job["upload"]["fields"]["key"])
    delete("uploads", key)
    receive_uploads({"Records": [event]})
    state_machines.run_import(state_machines.waiting())
    watched = api.call("GET", f"/imports/{job['id']}").body
    assert (watched["status"], watched["reason"]) == ("failed", FILE_IS_GONE)
    (parked,) = aws.bodies("invocations-dlq")
    assert parked["reason"].startswith("Gone: the object is not there any more, or this stage may not read it")


@pytest.mark.slow
def test_an_upload_that_was_deleted_before_it_was_read_fails_its_job(state_machines, delete):
    receive_uploads({"Records": [state_machines.upload(PEOPLE)]})
    delete("uploads", "imports/users.json")
    job = state_machines.run_import(state_machines.waiting())
    assert (job["status"], job["reason"]) == ("failed", FILE_IS_GONE)


@pytest.mark.slow
def test_a_copy_that_is_not_allowed_is_parked_and_holds_up_no_import(state_machines, aws):
    with failing("s3", "CopyObject", "AccessDenied", 403, read_seconds=COPY_SECONDS):
        receive_uploads({"Records": [state_machines.upload(PEOPLE)]})
    assert state_machines.run_import(state_machines.waiting())["status"] == "finished"
    assert len(aws.bodies("invocations-dlq")) == 1


@pytest.mark.slow
def test_a_bucket_for_copies_that_is_missing_is_named_in_what_is_parked(state_machines, aws):
    with failing("s3", "CopyObject", "NoSuchBucket", 404, read_seconds=COPY_SECONDS):
        receive_uploads({"Records": [state_machines.upload(b"one", "other/a")]})
    (parked,) = aws.bodies("invocations-dlq")
    assert parked["reason"] == "ClientError: NoSuchBucket"


def test_a_large_object_that_was_deleted_is_gone_too(aws):
    with pytest.raises(Gone, match=r"may not read it \(403\)") as met:
        replicate("other/a", "", COPY_BYTES + 1)
    assert not batch.is_transient(met.value)


@pytest.mark.slow
def test_a_chunk_that_is_not_kept_any_more_can_never_be_imported(state_machines, delete):
    receive_uploads({"Records": [state_machines.upload(PEOPLE)]})
    (entry,) = state_machines.manifest(plan_import(state_machines.waiting()))
    delete("work", entry["key"])
    with pytest.raises(Gone) as met:
        import_chunk(entry)
    assert (str(met.value), batch.is_transient(met.value)) == (WORK_IS_GONE, False)


@pytest.mark.slow
def test_a_report_that_is_not_kept_any_more_is_gone_for_who_asks_for_it(state_machines, api, delete):
    job = state_machines.drop(PEOPLE)
    delete("work", job["report"]["ndjson"])
    answer = api.call("GET", f"/imports/{job['id']}/errors")
    assert (answer.status, answer.body["detail"]) == (410, WORK_IS_GONE)


@pytest.mark.slow
@pytest.mark.parametrize("body", [{}, {"rows": [{"_ref": "1-2", "email": "bea@example.com"}]}])
def test_a_retry_is_refused_where_the_report_is_not_kept_any_more(state_machines, api, delete, body):
    job = state_machines.drop(PEOPLE)
    delete("work", job["report"]["ndjson"])
    answer = api.call("POST", f"/imports/{job['id']}/retry", body)
    assert (answer.status, answer.body["detail"]) == (410, WORK_IS_GONE.replace("AccessDenied", "403"))
    assert [given["key"] for given in state_machines.started()] == ["imports/users.json"]


@pytest.mark.slow
def test_a_retry_without_the_report_of_the_first_run_fails_with_the_reason(state_machines, api, delete):
    job = state_machines.drop(PEOPLE)
    form = api.call("POST", f"/imports/{job['id']}/retry", {}).body["upload"]
    mended = b'[{"_ref": "1-2", "email": "bea@example.com"}]'
    receive_uploads({"Records": [state_machines.upload(mended, form["fields"]["key"])]})
    (given,) = [each for each in state_machines.started() if each["key"] == form["fields"]["key"]]
    plan = plan_import(given)
    for entry in state_machines.manifest(plan):
        import_chunk(entry)
    delete("work", job["report"]["ndjson"])
    assert finish_import({**given, "plan": plan})["status"] == "failed"
    assert jobs().get(job["id"], "import")["reason"] == WORK_IS_GONE


def test_what_may_pass_is_told_from_what_is_gone(aws):
    with failing("s3", "GetObject", "SlowDown", 503), pytest.raises(Exception, match="SlowDown") as met:
        objects.read("imports/none")
    assert batch.is_transient(met.value)
