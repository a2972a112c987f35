"""Segments over HTTP, the change of everybody in one as a job, and an export of one. SQL's part is asked of a fake."""

from __future__ import annotations

import json

import pytest

from chalicelib import accounts
from chalicelib.core.aws import clients
from chalicelib.core.settings import settings
from chalicelib.exports.export import export_segment, finish_export
from chalicelib.exports.routes import exports
from chalicelib.job_runner.job_pages import run_job_pages
from chalicelib.jobs import jobs
from chalicelib.read_model.segments import changes
from chalicelib.read_model.segments.routes import segments as routes
from chalicelib.segments import model, segments
from tests.builders import a_user
from tests.functional.apps import ApiClient
from tests.functional.faults import Crash, crashing
from tests.functional.operated import functions
from tests.functional.streams import queue_event


class ReadModel:
    """Everybody of the stage fits every filter, in the order of their ids."""

    def __init__(self, aws):
        self.aws, self.asked, self.refusal = aws, [], None

    def __call__(self, event):
        self.asked.append(event)
        if self.refusal:
            return self.refusal
        everybody = sorted(
            (row["id"], row["version"]) for row in self.aws.rows("users") if "deleted_at" not in row
        )
        if event["question"] == "search":
            return {"people": [], "next": None, "count": {"value": len(everybody), "exact": True}}
        part, parts = event["slice"] or (0, 1)
        mine = everybody[part::parts]
        return [{"id": one, "version": v} for one, v in mine if one > event["after"]][: event["limit"]]


@pytest.fixture
def read_model(aws):
    answer = ReadModel(aws)
    with settings.held(read_model="postgres"), functions(query_read_model=answer):
        yield answer


def caller(user_id, role, **proved):
    a_user(id=user_id, roles=[role])
    api = ApiClient(routes, exports)
    api.sign_in(user_id, role, **proved)
    return api


@pytest.fixture
def admin(read_model):
    return caller("A1", "admin", second_factor=True)


def adults(admin, **fields):
    return admin.call("POST", "/segments", {"name": "Adults", "filter": "age>=18", **fields}).body


def run_all(aws):
    while messages := aws.bodies("jobs"):
        run_job_pages(queue_event("jobs", messages))


def test_a_segment_is_made_read_changed_and_removed(admin):
    made = adults(admin, watched=True)
    assert (made["filter"], made["watched"], made["timed"], made["settled"]) == ("age >= 18", True, False, False)
    assert admin.call("GET", "/segments").body["items"] == [made]
    read = admin.call("GET", f"/segments/{made['id']}")
    assert read.headers["ETag"] == '"1"'
    changed = admin.call("PATCH", f"/segments/{made['id']}", {"name": "Grown-ups"}, **{"If-Match": '"1"'})
    assert (changed.status, changed.body["name"], changed.body["version"]) == (200, "Grown-ups", 2)
    assert admin.call("PATCH", f"/segments/{made['id']}", {"name": "X"}, **{"If-Match": '"1"'}).status == 412
    assert admin.call("DELETE", f"/segments/{made['id']}").status == 204
    assert admin.call("GET", f"/segments/{made['id']}").status == 404
    assert admin.call("GET", "/segments").body["items"] == []


def test_without_a_read_model_there_is_no_segment(aws):
    refused = caller("A1", "admin").call("GET", "/segments")
    assert refused.status == 404
    assert "READ_MODEL" in refused.body["detail"]


def test_a_filter_that_means_nothing_is_refused_at_its_field(admin):
    refused = admin.call("POST", "/segments", {"name": "Odd", "filter": "agee > 3"})
    assert (refused.status, refused.body["errors"][0]["field"]) == (422, "filter")


def test_support_reads_segments_but_none_that_metadata_makes(admin, read_model):
    shown = adults(admin)
    hidden = adults(admin, filter="metadata.plan = gold")
    support = caller("S1", "support")
    assert [each["id"] for each in support.call("GET", "/segments").body["items"]] == [shown["id"]]
    assert support.call("GET", f"/segments/{hidden['id']}").status == 404
    assert support.call("GET", f"/segments/{hidden['id']}/people").status == 404
    assert support.call("GET", f"/segments/{hidden['id']}/counts").status == 404
    assert support.call("GET", f"/segments/{shown['id']}/people").status == 200
    assert read_model.asked[-1]["roles"] == ["support"]
    assert support.call("POST", "/segments", {"name": "Mine", "filter": "age > 1"}).status == 403


def test_what_metadata_once_made_stays_hidden_from_support(admin):
    hidden = adults(admin, filter="metadata.plan = gold")
    path = f"/segments/{hidden['id']}"
    assert admin.call("PATCH", path, {"filter": "age > 1"}).status == 200
    assert caller("S1", "support").call("GET", f"{path}/counts").status == 404


def test_a_filter_that_cannot_be_read_again_when_it_is_written_out_is_refused(admin):
    nested = "(" * 15 + "age > 1" + " and age > 2 or age > 3)" * 15
    for filter_ in ("\ufdfa" * 500, nested):
        refused = admin.call("POST", "/segments", {"name": "Odd", "filter": filter_})
        assert (refused.status, refused.body["errors"][0]["field"]) == (422, "filter")


def test_counts_up_to_the_beginning_of_time_are_none(admin):
    found = admin.call("GET", f"/segments/{adults(admin)['id']}/counts?to=0001-01-02")
    assert (found.status, found.body["items"]) == (200, [])


def test_counts_are_of_the_last_hour_of_a_day_or_of_each(admin, held_clock):
    made = adults(admin)
    for moment, people in (("2026-02-27T22:00:00.000Z", 3), ("2026-02-27T23:10:00.000Z", 4)):
        segments().count(made["id"], moment, people)
    path = f"/segments/{made['id']}/counts?from=2026-02-20&to=2026-02-28"
    assert admin.call("GET", path).body["items"] == [{"at": "2026-02-27T23:00:00.000Z", "people": 4}]
    assert len(admin.call("GET", f"{path}&by=hour").body["items"]) == 2
    assert admin.call("GET", f"/segments/{made['id']}/counts?from=2026-02-20&to=2026-02-01").status == 422


def changed(admin, made, **body):
    return admin.call("POST", f"/segments/{made['id']}/changes", body).body


def report_of(aws, job):
    lines = aws.objects("work")[f"changes/{job['id']}/report.ndjson"].splitlines()
    return {line["id"]: line for line in map(json.loads, lines)}


@pytest.mark.slow
def test_everybody_in_a_segment_is_changed_and_reported(admin, aws):
    born = a_user(birthdate="1990-02-03")
    other = a_user(locale="de")
    made = adults(admin)
    job = changed(admin, made, patch={"locale": "de", "attributes": {"seen": True}})
    run_all(aws)
    view = admin.call("GET", f"/segments/{made['id']}/changes/{job['id']}").body
    assert (view["status"], view["counts"]) == ("finished", {"changed": 3, "unchanged": 0, "refused": 0})
    for person in (born, other):
        row = accounts.people().get(person["id"])
        assert (row["locale"], row["attributes"], row["changed_by"]) == ("de", {"seen": True}, "A1")
    assert report_of(aws, job)[born["id"]] == {"id": born["id"], "outcome": "changed"}
    again = changed(admin, made, patch={"age": 40})
    run_all(aws)
    assert report_of(aws, again)[born["id"]]["errors"] == [{"field": "age", "message": "follows the birthdate"}]


@pytest.mark.slow
def test_a_cancelled_change_ends_before_its_next_people_and_reports_those_before(admin, aws, pages_of_one):
    made, others = adults(admin), adults(admin, name="Others")
    job = changed(admin, made, patch={"locale": "de"})
    path = f"/segments/{made['id']}/changes"
    run_job_pages(queue_event("jobs", aws.bodies("jobs")))
    for _ in range(2):
        assert admin.call("POST", f"{path}/{job['id']}/cancel").body["status"] == "cancelled"
    run_all(aws)
    (listed,) = admin.call("GET", path).body["items"]
    assert (listed["id"], listed["status"], listed["counts"]["changed"]) == (job["id"], "cancelled", 1)
    assert listed["report"].startswith("http")
    assert len(report_of(aws, job)) == 1
    assert admin.call("GET", f"/segments/{others['id']}/changes").body["items"] == []
    assert admin.call("POST", f"/segments/{others['id']}/changes/{job['id']}/cancel").status == 404


def test_a_change_that_has_ended_is_not_cancelled(admin, aws):
    path = f"/segments/{adults(admin)['id']}/changes"
    job = admin.call("POST", path, {"patch": {"locale": "de"}}).body
    run_all(aws)
    assert admin.call("POST", f"{path}/{job['id']}/cancel").status == 409


@pytest.fixture
def pages_of_one():
    former, changes.PAGE_PEOPLE = changes.PAGE_PEOPLE, 1
    a_user()
    yield
    changes.PAGE_PEOPLE = former


def test_a_dry_run_says_the_same_and_changes_nobody(admin, aws):
    person = a_user()
    job = changed(admin, adults(admin), patch={"locale": "de"}, dry_run=True)
    run_all(aws)
    assert report_of(aws, job)[person["id"]]["outcome"] == "changed"
    assert accounts.people().get(person["id"])["version"] == person["version"]


def test_whoever_changed_meanwhile_is_left_alone(admin, aws, read_model):
    person = a_user()
    job = changed(admin, adults(admin), patch={"locale": "de"})
    people = [{"id": person["id"], "version": person["version"] - 1}]
    clients.table("jobs").put(
        {"schema": 1, "id": job["id"], "part": "plan#000000", "expires_at": 9_999_999_999, "people": people}
    )
    run_all(aws)
    assert report_of(aws, job)[person["id"]]["outcome"] == "refused"
    assert accounts.people().get(person["id"]).get("locale") is None


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("service", "operation"), [("dynamodb", "PutItem"), ("s3", "PutObject"), ("sqs", "SendMessage")]
)
def test_after_a_crash_everybody_is_changed_once_and_reported_as_changed(admin, aws, service, operation, after):
    person = a_user()
    job = changed(admin, adults(admin), patch={"locale": "de"})
    messages = aws.bodies("jobs")
    for skip in range(3):
        try:
            with crashing(service, operation, after=after, skip=skip):
                run_job_pages(queue_event("jobs", messages))
        except Crash:
            continue
    run_job_pages(queue_event("jobs", messages))
    run_all(aws)
    assert report_of(aws, job)[person["id"]]["outcome"] == "changed"
    assert accounts.people().get(person["id"])["version"] == person["version"] + 1


@pytest.mark.parametrize("became", [{"roles": []}, {"status": "disabled"}])
def test_it_stops_when_its_administrator_is_none_any_more(admin, aws, became):
    person = a_user()
    made = adults(admin)
    job = changed(admin, made, patch={"locale": "de"})
    a_user(id="A2", roles=["admin"])
    row = accounts.people().get("A1")
    clients.table("users").put({**row, **became})
    run_all(aws)
    view = jobs().get(job["id"])
    assert (view["status"], "no administrator" in view["reason"]) == ("failed", True)
    assert accounts.people().get(person["id"])["version"] == person["version"]


def test_it_ends_where_the_people_are_more_than_they_seemed(admin, aws):
    for _ in range(3):
        a_user()
    job = changed(admin, adults(admin), patch={"locale": "de"})
    former = changes.MOST_PEOPLE, changes.PAGE_PEOPLE
    changes.MOST_PEOPLE, changes.PAGE_PEOPLE = 2, 1
    try:
        run_all(aws)
    finally:
        changes.MOST_PEOPLE, changes.PAGE_PEOPLE = former
    ended = jobs().get(job["id"])
    assert (ended["status"], ended["counts"]["changed"]) == ("failed", 2)
    assert len(report_of(aws, job)) == 2


def test_a_filter_that_can_no_longer_be_asked_fails_the_job(admin, aws, read_model):
    job = changed(admin, adults(admin), patch={"locale": "de"})
    read_model.refusal = {"refused": "Invalid", "detail": "it is none", "errors": []}
    run_all(aws)
    assert (jobs().get(job["id"])["status"], jobs().get(job["id"])["reason"]) == ("failed", "it is none")


def test_too_many_people_are_refused(admin, monkeypatched_limit):
    assert (
        admin.call("POST", f"/segments/{adults(admin)['id']}/changes", {"patch": {"locale": "de"}}).status == 409
    )


@pytest.fixture
def monkeypatched_limit():
    former, changes.MOST_PEOPLE = changes.MOST_PEOPLE, 0
    yield
    changes.MOST_PEOPLE = former


@pytest.mark.slow
def test_an_export_of_a_segment_holds_its_people(admin, aws, state_machines):
    people = [a_user() for _ in range(3)]
    made = adults(admin)
    job = admin.call("POST", f"/segments/{made['id']}/exports", {"format": "ndjson"}).body
    assert job["filters"] == {"segment": made["id"], "filter": "age >= 18"}
    parts = [{"job": job["id"], "segment": number, "segments": 16} for number in range(16)]
    for part in parts:
        export_segment(part)
    finish_export({"job": job["id"], "segments": parts})
    lines = aws.objects("work")[f"exports/{job['id']}/users.ndjson"].splitlines()
    assert {json.loads(line)["id"] for line in lines} >= {person["id"] for person in people}
    assert len(lines) == 4


def test_the_erasure_of_a_person_deletes_their_memberships(admin, aws):
    person = a_user()
    definition = segments().get(adults(admin, watched=True)["id"])
    for user_id in (person["id"], "other"):
        row = model.moved(definition, user_id, None, inside=True)
        assert segments().write({user_id: (None, row)}) == {user_id: row}
        assert segments().write({user_id: (None, row)}) == {}
    assert segments().erase(person["id"]) == (1, True)
    assert [row["user_id"] for row in aws.rows("segments") if "user_id" in row] == ["other"]
