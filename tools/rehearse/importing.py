"""Uploads of files: an import, and a trial with more rows than fit into the data of a state machine."""

from __future__ import annotations

import gzip
import http.client
import json
import tempfile
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from tools.rehearse.people import expect
from tools.rehearse.restoring import count_items
from tools.rehearse.steps import Failed, step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.rehearse.context import Rehearsal, Sizes
    from tools.rehearse.steps import Evidence

UPLOAD_SECONDS = 300

STRANGE = (
    {"email": "longest@import.example", "name": "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 31},
    {"email": "unsayable@import.example", "attributes": {"note": "no \ufffe character"}},
    {"email": "foreign@import.example", "name": "From elsewhere", "id": "auth0|a+b=c~d"},
    {"email": "unborn@import.example", "name": "Nobody", "age": -3},
)
"""The first rows of every file: a name whose key is above DynamoDB's 1,024 bytes unless it is cut, an attribute with a
character that no queue carries, an id of another system, and an age that is refused."""

BOUNDARY = "rollcall-rehearsal"


def rows(count: int, domain: str) -> Iterator[dict[str, Any]]:
    """`count` people, the rows of `STRANGE` first."""
    yield from STRANGE[:count]
    for number in range(count - len(STRANGE)):
        yield {"email": f"person{number}@{domain}", "name": f"Person {number}", "age": 18 + number % 70}


def rows_file(count: int, domain: str) -> IO[bytes]:
    """A gzipped file of `count` rows as JSON lines."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    with gzip.GzipFile(fileobj=file, mode="wb", mtime=0, compresslevel=6) as packed:
        for row in rows(count, domain):
            packed.write(json.dumps(row).encode() + b"\n")
    return file


def post_form(form: dict[str, Any], file: IO[bytes]) -> int:
    """Upload a file as a stream, in the way of a browser's form. Returns the size of the file in bytes. Raises Failed
    where S3 refuses it."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in form["fields"].items()
    ]
    parts.append(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="people"\r\n\r\n')
    head, tail = "".join(parts).encode(), f"\r\n--{BOUNDARY}--\r\n".encode()
    size = file.seek(0, 2)
    file.seek(0)
    url = urlsplit(form["url"])
    connect = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = connect(url.netloc, timeout=UPLOAD_SECONDS)
    try:
        connection.putrequest("POST", url.path or "/")
        connection.putheader("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
        connection.putheader("Content-Length", str(len(head) + size + len(tail)))
        connection.endheaders(head)
        connection.send(file)
        connection.send(tail)
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status not in {200, 201, 204}:
        raise Failed(f"S3 answered the upload {answer.status}: {body.decode('utf-8', 'replace')[:500]}")
    return size


def import_rows(rehearsal: Rehearsal, count: int, domain: str, minutes: float, **options: Any) -> dict[str, Any]:
    """Import a file of `count` rows through the API, and return the job once it has ended."""
    job = expect(rehearsal.admin.call("POST", "/imports", options), 201, what="POST /imports")
    with rows_file(count, domain) as file:
        size = post_form(job["upload"], file)
    rehearsal.facts["upload host"] = urlsplit(job["upload"]["url"]).netloc
    job_state: dict[str, Any] = {}

    def look() -> bool:
        answer = rehearsal.admin.call("GET", f"/imports/{job['id']}")
        if answer.status == 200:
            job_state.update(answer.body)
        return job_state.get("status") in {"finished", "failed"}

    where = f"the execution of {rehearsal.names.of('import')} in the console of Step Functions"
    try:
        rehearsal.until(look, f"the end of the import of {count} rows", minutes, where)
    except Failed as failed:
        progress = {name: job_state.get(name) for name in ("status", "read", "total", "counts", "rate")}
        raise Failed(str(failed), where, job=job["id"], **progress) from failed
    return {**job_state, "bytes": size}


def _evidence_of_import(job: dict[str, Any], count: int) -> Evidence:
    counts = job["counts"]
    seconds = (_moment(job["ended_at"]) - _moment(job["created_at"])).total_seconds()
    evidence = {
        "job": job["id"],
        "bytes": job["bytes"],
        **counts,
        "seconds": round(seconds, 1),
        "rows_a_second": round(count / seconds) if seconds else None,
    }
    if job["status"] != "finished":
        raise Failed(f"it failed: {job['reason']}", f"GET /imports/{job['id']}", **evidence)
    is_complete = counts["rows"] == count and counts["created"] + counts["failed"] == count
    if not is_complete or not 1 <= counts["failed"] <= len(STRANGE):
        raise Failed("rows are missing, or others are refused than should be", **evidence)
    return evidence


def _moment(timestamp: str) -> datetime:
    return datetime.fromisoformat(timestamp)


def _import(sizes: Sizes) -> Mapping[str, float]:
    """A person costs four write units, and one for each of six indexes (docs/importing.md). Their event costs two more
    in history, and one in the statistics. Events are published in tens, and three queues get them."""
    count = sizes.import_rows
    return {
        "write units": 13 * count,
        "read units": 1 * count,
        "sns requests": 0.4 * count,
        "sqs requests": 0.6 * count,
        "lambda GB-seconds": 0.02 * count,
        "lambda requests": 0.1 * count,
        "state transitions": 0.02 * count,
        "log GB": 2e-7 * count,
        "traces": 0.01 * count,
    }


@step(needs=("administrator",), minutes=5, uses=_import, look="GET /imports; the console of Step Functions")
def importing_people(rehearsal: Rehearsal) -> Evidence:
    """People are imported by a form, minutes after the bucket was made.

    The form names the region's own host, since a new bucket redirects at the global one for hours. One
    row has a name beyond the longest key, one a character that no queue carries, one is wrong and reported.
    """
    count = rehearsal.sizes.import_rows
    job = import_rows(rehearsal, count, "import.example", 14)
    evidence = _evidence_of_import(job, count) | {"host": rehearsal.facts["upload host"]}
    bucket_created_at = next(
        (
            bucket["CreationDate"]
            for bucket in rehearsal.client("s3").list_buckets()["Buckets"]
            if bucket["Name"] == rehearsal.bucket("uploads")
        ),
        None,
    )
    if bucket_created_at is not None:
        evidence["minutes_after_the_bucket"] = round(
            (_moment(job["created_at"]) - bucket_created_at).total_seconds() / 60, 1
        )
    if not rehearsal.local and f".s3.{rehearsal.region}.amazonaws.com" not in evidence["host"]:
        raise Failed(
            "the form is for another host than the region's", "chalicelib/core/aws/clients.py", **evidence
        )
    rehearsal.facts["imported at"] = datetime.now(UTC)
    return evidence


@step(needs=("importing-people",), look="GET /imports/<id>/errors, and the work bucket")
def refused_rows(rehearsal: Rehearsal) -> Evidence:
    """Refused rows are reported with line and field.

    The report of the import, through the work bucket.
    """
    jobs = expect(rehearsal.admin.call("GET", "/imports"), 200, what="GET /imports")["items"]
    listed = expect(rehearsal.admin.call("GET", f"/imports/{jobs[0]['id']}/errors"), 200, what="its errors")[
        "items"
    ]
    errors = [{"line": error["line"], "field": error["field"]} for error in listed]
    if {"line": len(STRANGE), "field": "age"} not in errors:
        raise Failed("the refused age is not among them", errors=errors)
    return {"errors": errors}


@step(needs=("importing-people",), look="chalicelib/accounts/routes.py: path parameters arrive as they were sent")
def foreign_ids(rehearsal: Rehearsal) -> Evidence:
    """A person with an id of another system is found by it.

    With the pipe, plus and equals signs that such ids have, encoded in the path.
    """
    user_id = str(next(row["id"] for row in STRANGE if "id" in row))
    path = f"/users/{quote(user_id, safe='')}"
    body = expect(rehearsal.admin.call("GET", path), 200, what=f"GET {path}")
    if body["id"] != user_id:
        raise Failed(f"{path} is somebody else: {body['id']}")
    return {"id": user_id}


@step(needs=("importing-people",), look="infra/storage.py: CorsConfiguration of the bucket for uploads")
def the_console_uploads(rehearsal: Rehearsal) -> Evidence:
    """Pages of the console may upload, and others may not.

    By the preflight that a browser sends. Objects are posted by a form, and read by nobody's page.
    """
    public = urlsplit(rehearsal.stage.settings["PUBLIC_URL"])
    ours, stranger = f"{public.scheme}://{public.netloc}", "https://elsewhere.example"
    form = expect(rehearsal.admin.call("POST", "/imports", {}), 201, what="POST /imports")["upload"]
    statuses = {
        "posting": _preflight(form["url"], ours, "POST"),
        "reading": _preflight(form["url"], ours, "GET"),
        "a stranger's page": _preflight(form["url"], stranger, "POST"),
    }
    if statuses != {"posting": 200, "reading": 403, "a stranger's page": 403}:
        raise Failed("the bucket allows other pages, or other methods", **statuses)
    return statuses


def _preflight(address: str, origin: str, method: str) -> int:
    url = urlsplit(address)
    connect = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = connect(url.netloc, timeout=UPLOAD_SECONDS)
    try:
        headers = {"Origin": origin, "Access-Control-Request-Method": method}
        connection.request("OPTIONS", url.path or "/", headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


@step(
    needs=("importing-people",), minutes=3, look="the age of the oldest message in the queues, by alarm or console"
)
def queues_are_worked_off(rehearsal: Rehearsal) -> Evidence:
    """Every consumer catches up with the import.

    Each queue is empty, seen three times in a row, which is what AWS's approximate counts are good for.
    """
    from chalicelib.core.names import QUEUES

    sqs = rehearsal.client("sqs")
    urls = {queue: sqs.get_queue_url(QueueName=rehearsal.names.of(queue))["QueueUrl"] for queue in QUEUES}
    attribute_names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    empty = 0
    waiting: dict[str, int] = {}

    def look() -> bool:
        nonlocal empty
        for queue, url in urls.items():
            attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=attribute_names)["Attributes"]
            waiting[queue] = sum(int(attributes[name]) for name in attribute_names)
        empty = empty + 1 if not any(waiting.values()) else 0
        return empty == 3

    started = rehearsal.now()
    try:
        rehearsal.until(look, "the end of all queues", 15)
    except Failed as failed:
        raise Failed(str(failed), failed.look, **waiting) from failed
    rehearsal.facts["people"] = count_items(rehearsal, "users")
    rehearsal.facts["moment"] = datetime.now(UTC).replace(microsecond=0)
    return {"seconds": round(rehearsal.now() - started), "people": rehearsal.facts["people"]}


def _trial(sizes: Sizes) -> Mapping[str, float]:
    """A trial writes no person, and reads once for each row whether the person exists."""
    count = sizes.trial_rows
    return {
        "read units": 1.0 * count,
        "write units": 0.02 * count,
        "lambda GB-seconds": 0.004 * count,
        "state transitions": 0.02 * count,
        "log GB": 1e-8 * count,
        "s3 puts": 0.006 * count,
    }


@step(needs=("administrator",), minutes=6, uses=_trial, look="GET /imports; the console of Step Functions")
def a_trial_of_many(rehearsal: Rehearsal) -> Evidence:
    """A trial of more than a million rows ends as finished.

    A state machine may carry 256 KB: what the children of its map tell must stay under that, however many there
    are. Nobody is written.
    """
    count = rehearsal.sizes.trial_rows
    return _evidence_of_import(import_rows(rehearsal, count, "trial.example", 16, dry_run=True), count)
