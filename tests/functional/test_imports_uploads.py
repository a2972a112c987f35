"""What a file's arrival does, told once or often, in order or not: a copy, and an import where it asks for one."""

from __future__ import annotations

import itertools
import json

import hypothesis
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from chalicelib.core.aws import clients, telemetry
from chalicelib.core.errors import Malformed, Transient
from chalicelib.core.ids import new_id
from chalicelib.core.settings import settings
from chalicelib.imports.upload_forms import new_form
from chalicelib.imports.uploads import receive_uploads
from chalicelib.job_runner.expiry import fail_dead_jobs
from chalicelib.jobs import jobs
from tests.functional.faults import Crash, crashing, failing, listening
from tests.functional.importing import StateMachines


@pytest.fixture
def state_machines(aws, held_clock):
    return StateMachines(aws)


def receive(*records: dict) -> None:
    receive_uploads({"Records": list(records)})


def test_every_object_is_copied_with_its_metadata(state_machines, aws):
    receive(
        state_machines.upload(b"one", "some/plain ü+%.txt", mode="x"), state_machines.upload(b"two", "imports/")
    )
    assert aws.objects("uploads-copy") == {"some/plain ü+%.txt": b"one", "imports/": b"two"}
    s3 = clients.client("s3")
    head = s3.head_object(Bucket=settings().bucket("uploads-copy"), Key="some/plain ü+%.txt")
    assert head["Metadata"] == {"rollcall-mode": "x"}
    assert state_machines.started() == []


@pytest.mark.slow
def test_the_newest_version_wins_whatever_the_order_of_events(state_machines, aws):
    for number, order in enumerate(itertools.permutations(range(3))):
        key = f"other/{number}"
        events = [state_machines.upload(f"version {version}".encode(), key) for version in range(3)]
        for version in order:
            receive(events[version])
        assert aws.objects("uploads-copy")[key] == b"version 2"


def test_sequencers_of_different_length_compare_padded(state_machines, aws):
    older, newer = state_machines.upload(b"older", "other/a"), state_machines.upload(b"newer", "other/a")
    older["s3"]["object"]["sequencer"], newer["s3"]["object"]["sequencer"] = "0F1", "0F10A"
    receive(newer)
    receive(older)
    assert aws.objects("uploads-copy")["other/a"] == b"newer"


def test_a_version_is_copied_once_however_often_it_is_told(state_machines):
    event = state_machines.upload(b"one", "other/a")
    receive(event)
    with telemetry.recording() as calls:
        receive(event, event)
    assert calls.names == ["PutItem", "PutItem"]


def test_a_newer_version_that_overtakes_a_copy_is_copied_after_it(state_machines, aws):
    older, newer = state_machines.upload(b"older", "other/a"), state_machines.upload(b"newer", "other/a")
    overtaking = [newer]

    def overtake(**_):
        if overtaking:
            receive(overtaking.pop())

    with listening(clients.client("s3", read_seconds=240), "before-call.s3.CopyObject", overtake):
        receive(older)
    assert aws.objects("uploads-copy")["other/a"] == b"newer"


def test_a_copy_that_lands_late_and_unheard_of_is_mended_by_the_next_telling(state_machines, aws):
    older, newer = state_machines.upload(b"older", "other/a"), state_machines.upload(b"newer", "other/a")
    overtaking = [newer]

    def overtake(**_):
        if overtaking:
            receive(overtaking.pop())

    s3 = clients.client("s3", read_seconds=240)
    breaking = crashing("s3", "CopyObject", after=True, skip=1, read_seconds=240)
    with listening(s3, "before-call.s3.CopyObject", overtake), breaking, pytest.raises(Crash):
        receive(older)
    assert aws.objects("uploads-copy")["other/a"] == b"older"
    receive(older)
    assert aws.objects("uploads-copy")["other/a"] == b"newer"


@pytest.mark.slow
def test_a_crash_anywhere_leaves_a_copy_that_the_next_telling_completes(state_machines, aws):
    older, newer = state_machines.upload(b"older", "other/a"), state_machines.upload(b"newer", "other/a")
    for operation, after in itertools.product(("PutItem", "UpdateItem"), (False, True)):
        with crashing("dynamodb", operation, after=after), pytest.raises(Crash):
            receive(older)
        receive(newer)
        receive(older)
        assert aws.objects("uploads-copy")["other/a"] == b"newer"
        older, newer = state_machines.upload(b"older", "other/a"), state_machines.upload(b"newer", "other/a")


ABOUT = {
    "Metadata": {"rollcall-mode": "x"},
    "ContentType": "text/x-odd",
    "ContentEncoding": "aes128gcm",
    "ContentDisposition": "attachment",
    "CacheControl": "no-store",
}


def test_a_copy_has_what_the_object_has(state_machines, aws):
    s3 = clients.client("s3")
    place = {"Bucket": settings().bucket("uploads"), "Key": "other/a"}
    told = state_machines.upload(b"one", "other/a")
    told["s3"]["object"]["versionId"] = s3.put_object(
        **place, **ABOUT, Body=b"two", Tagging="team=blue&odd=a%2Fb+c", ChecksumAlgorithm="SHA256"
    )["VersionId"]
    receive(told)
    assert described("uploads-copy") == described("uploads")


@pytest.mark.slow
def test_an_object_above_what_s3_copies_at_once_is_copied_in_its_own_parts(state_machines, aws):
    """5 GB are too many for a test: the event says them of 11 MB."""
    s3 = clients.client("s3")
    place = {"Bucket": settings().bucket("uploads"), "Key": "other/a"}
    told = state_machines.upload(b"one", "other/a")
    begun = s3.create_multipart_upload(**place, **ABOUT, Tagging="team=blue&odd=a%2Fb+c")
    parts = [
        {
            "PartNumber": number,
            "ETag": s3.upload_part(
                **place, UploadId=begun["UploadId"], PartNumber=number, Body=bytes([number]) * size
            )["ETag"],
        }
        for number, size in ((1, 5 * 1024**2), (2, 5 * 1024**2), (3, 1024**2))
    ]
    done = s3.complete_multipart_upload(**place, UploadId=begun["UploadId"], MultipartUpload={"Parts": parts})
    told["s3"]["object"] |= {"versionId": done["VersionId"], "size": 5 * 1024**3 + 1}
    with telemetry.recording() as calls:
        receive(told)
    assert sorted(call.parameters["CopySourceRange"] for call in calls.of("UploadPartCopy")) == [
        "bytes=0-5242879",
        "bytes=10485760-11534335",
        "bytes=5242880-10485759",
    ]
    assert calls.of("CopyObject") == []
    assert described("uploads-copy") == described("uploads")


def described(bucket: str) -> dict[str, object]:
    """An object's bytes, by their ETag, and all that it says of itself."""
    place = {"Bucket": settings().bucket(bucket), "Key": "other/a"}
    s3 = clients.client("s3")
    head = s3.head_object(**place, ChecksumMode="ENABLED")
    shown = {name: head[name] for name in ("ETag", "ContentLength", *ABOUT)}
    checksums = {name: value for name, value in head.items() if name.startswith("Checksum")}
    tags = sorted(tuple(tag.values()) for tag in s3.get_object_tagging(**place)["TagSet"])
    return {**shown, **checksums, "tags": tags}


@pytest.mark.slow
@given(st.data())
@hypothesis.settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_newest_wins_whatever_comes_between_and_breaks(state_machines, aws, data):
    """Events in any order and number, others in the middle of a copy, and copies that fail before or after."""
    key = f"other/{new_id()}"
    versions = [state_machines.upload(f"version {number}".encode(), key) for number in range(3)]
    told = [
        versions[number]
        for number in data.draw(
            st.permutations([0, 1, 2, *data.draw(st.lists(st.sampled_from([0, 1, 2]), max_size=4))])
        )
    ]
    breaking = data.draw(st.lists(st.booleans(), max_size=4))

    def meanwhile(**_: object) -> None:
        if told and data.draw(st.booleans()):
            receive_or_tell_again(told.pop())
        if breaking and breaking.pop():
            raise ConnectionError

    def receive_or_tell_again(event: dict) -> None:
        try:
            receive(event)
        except Transient:
            told.insert(0, event)

    s3 = clients.client("s3", read_seconds=240)
    with (
        listening(s3, "before-call.s3.CopyObject", meanwhile),
        listening(s3, "after-call.s3.CopyObject", meanwhile),
    ):
        while told:
            receive_or_tell_again(told.pop())
    assert aws.objects("uploads-copy")[key] == b"version 2"
    with telemetry.recording() as calls:
        receive(*versions[2:], versions[2])
    assert calls.of("CopyObject") == []


def test_a_copy_that_fails_comes_again_and_one_that_never_can_is_parked(state_machines, aws):
    event = state_machines.upload(b"one", "other/a")
    with (
        failing("s3", "CopyObject", "SlowDown", status=503, read_seconds=240),
        pytest.raises(Transient, match="1 records of aws:s3 must come again"),
    ):
        receive(event)
    receive(event)
    assert aws.objects("uploads-copy") == {"other/a": b"one"}
    gone = state_machines.upload(b"two", "other/b")
    gone["s3"]["object"]["versionId"] = "00000000-0000-4000-8000-000000000000"
    receive(gone)
    (parked,) = aws.bodies("invocations-dlq")
    assert parked["keys"]["key"] == "other/b"
    assert (
        parked["reason"] == "Gone: the object is not there any more, or this stage may not read it (AccessDenied)"
    )


def test_an_import_starts_once_however_often_it_is_told(state_machines):
    event = state_machines.upload(b"[]", "imports/2026/März.json")
    receive(event, event)
    receive(event)
    (given,) = state_machines.started()
    (job,) = jobs().listing("import", limit=10).items
    assert given == {
        "job": job["id"],
        "bucket": settings().bucket("uploads"),
        "key": "imports/2026/März.json",
        "version": event["s3"]["object"]["versionId"],
        "kind": "users",
    }
    assert (job["content"], job["status"], job["source"]) == ("users", "waiting", "imports/2026/März.json")


@pytest.mark.slow
@pytest.mark.parametrize(
    "key",
    ["imports/../../etc/passwd", "imports/%2e%2e/a", "imports/a%2Fb", "imports/..", "imports/ +&?#'\"<>|`$()"],
)
def test_a_key_is_taken_literally_and_leads_nowhere_else(state_machines, aws, key):
    job = state_machines.drop(b'[{"name": "Ann"}]', key)
    assert (job["source"], job["counts"]["created"]) == (key, 1)
    assert aws.objects("uploads-copy") == {key: b'[{"name": "Ann"}]'}
    written = aws.objects("work")
    assert written
    assert [name for name in written if not name.startswith(f"imports/{job['id']}/")] == []


def test_each_version_of_a_key_is_an_import_of_its_own(state_machines, held_clock):
    receive(state_machines.upload(b"[]"))
    held_clock.tick(seconds=1)
    receive(state_machines.upload(b"[]"), state_machines.upload(b"[]", "items/a"))
    newest, *_, oldest = jobs().listing("import", limit=10).items
    assert len(state_machines.started()) == 3
    assert newest["id"] > oldest["id"]
    assert {given["kind"] for given in state_machines.started()} == {"users", "items"}


def test_a_crash_before_the_start_is_mended_by_the_next_telling(state_machines):
    event = state_machines.upload(b"[]")
    with crashing("stepfunctions", "StartExecution", after=False), pytest.raises(Crash):
        receive(event)
    receive(event)
    assert len(state_machines.started()) == len(jobs().listing("import", limit=10).items) == 1


def test_a_throttled_start_comes_again(state_machines):
    event = state_machines.upload(b"[]")
    with (
        failing("stepfunctions", "StartExecution", "ThrottlingException"),
        pytest.raises(Transient, match="1 records of aws:s3 must come again"),
    ):
        receive(event)
    receive(event)
    assert len(state_machines.started()) == 1


def made_job(**options: object) -> tuple[str, str]:
    """A job that an administrator made, and the key of its form."""
    job_id = new_id()
    form = new_form(job_id)
    jobs().create("import", job_id, content="items", options={"mode": "create", **options}, form=form.record)
    return job_id, form.key


def test_only_the_first_version_of_a_made_key_is_imported(state_machines):
    job_id, key = made_job(dry_run=True)
    first, second = (state_machines.upload(text, key) for text in (b"[]", b"[{}]"))
    receive(first, second)
    (given,) = state_machines.started()
    assert (given["job"], given["kind"]) == (job_id, "items")
    assert given["version"] == first["s3"]["object"]["versionId"]
    assert state_machines.run_import(given)["options"] == {"mode": "create", "dry_run": True}


@pytest.mark.slow
def test_of_two_files_at_once_the_one_that_the_job_says_is_its_file_is_imported(state_machines):
    """The second one is told of between what the first one's telling notes and what it starts."""
    _, key = made_job()
    first, second = (state_machines.upload(text, key) for text in (b"[]", b"[{}]"))
    meanwhile = iter([second])

    def tell(**_: object) -> None:
        receive(*meanwhile)

    with listening(clients.client("stepfunctions"), "before-call.sfn.StartExecution", tell):
        receive(first)
    (given,) = state_machines.started()
    assert given["version"] == first["s3"]["object"]["versionId"]
    assert state_machines.run_import(given)["status"] == "finished"


def test_a_key_that_was_guessed_of_a_job_is_a_plain_drop(state_machines):
    job_id, key = made_job()
    guesses = [f"imports/{job_id}/source", f"imports/{job_id}/{'A' * 22}", f"imports/{job_id}", f"{key}/"]
    receive(*(state_machines.upload(b"[]", guess) for guess in guesses))
    assert [given["job"] == job_id for given in state_machines.started()] == [False, False, False]
    assert jobs().get(job_id)["status"] == "waiting"


def test_a_file_that_comes_after_its_form_expired_begins_nothing_and_is_told(state_machines, aws, held_clock):
    job_id, key = made_job(privileged=True)
    held_clock.tick(seconds=901)
    receive(state_machines.upload(b"[]", key))
    assert state_machines.started() == []
    job = jobs().get(job_id)
    assert (job["status"], job["reason"]) == ("failed", "its file did not come before the form for it had expired")
    (parked,) = aws.bodies("invocations-dlq")
    assert parked["reason"] == "Gone: the form that the file came by had expired"


def test_a_second_file_that_comes_late_leaves_the_job_as_it_is(state_machines, held_clock):
    job_id, key = made_job()
    receive(state_machines.upload(b"[]", key))
    state_machines.run_import(state_machines.waiting())
    held_clock.tick(seconds=901)
    receive(state_machines.upload(b"[]", key))
    assert (jobs().get(job_id)["status"], len(state_machines.started())) == ("finished", 1)


def test_a_job_whose_file_never_came_fails_with_its_form(state_machines, held_clock):
    (waiting, _), (begun, key) = made_job(), made_job()
    held_clock.tick(seconds=900)
    receive(state_machines.upload(b"[]", key))
    fail_dead_jobs()
    held_clock.tick(seconds=601)
    fail_dead_jobs()
    assert jobs().get(waiting)["reason"] == "its file did not come before the form for it had expired"
    assert jobs().get(begun)["status"] == "waiting"


def test_events_of_other_buckets_are_refused(state_machines, aws):
    event = state_machines.upload(b"[]")
    for bucket in (settings().bucket("uploads-copy"), settings().bucket("work"), "another"):
        event["s3"]["bucket"]["name"] = bucket
        with pytest.raises(Malformed, match="not an event of aws:s3"):
            receive(event)
    assert aws.objects("uploads-copy") == {}


def test_a_record_without_keys_is_parked_and_its_neighbour_goes_on(state_machines, aws):
    broken = state_machines.upload(b"one", "other/a")
    del broken["s3"]["object"]["sequencer"]
    receive(broken, state_machines.upload(b"two", "other/b"))
    (parked,) = aws.bodies("invocations-dlq")
    assert "sequencer" in parked["reason"]
    assert json.dumps(parked["keys"])
    assert aws.objects("uploads-copy") == {"other/b": b"two"}
