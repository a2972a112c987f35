"""Uploads and state machines as AWS would run them: S3's event, then the steps of each execution that was started."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from chalicelib.core import clock
from chalicelib.core.settings import settings
from chalicelib.jobs import jobs
from infra.stage import load
from infra.state_machines import resources
from tests import system
from tests.environment import REGION
from tests.states import StateMachine

if TYPE_CHECKING:
    from chalicelib.jobs.rows import Job
    from tests.cloudlike import Cloud


CHUNK = 41
"""Rows that `wide` makes as wide as a row may be, and that fill a chunk by their size alone."""


def wide(row: dict[str, Any]) -> bytes:
    """A row's JSON, filled up with blanks, so that a few rows make several chunks."""
    return json.dumps(row).encode()[:-1].ljust(100_000) + b"}"


class StateMachines:
    """The stage's buckets and state machines, from outside."""

    def __init__(self, aws: Cloud) -> None:
        self.aws = aws
        self._s3 = aws.session.client("s3", region_name=REGION)
        self._states = aws.session.client("stepfunctions", region_name=REGION)
        self._sequencer = 0x100
        for name in ("import", "export"):
            self._states.create_state_machine(
                name=settings().names.of(name),
                definition="{}",
                roleArn=settings().arn("iam", "role/any").replace(f":{REGION}", ":"),
            )

    def upload(self, data: bytes, key: str = "imports/users.json", **metadata: str) -> dict[str, Any]:
        """Put an object into the uploads bucket: its record in S3's event."""
        bucket = settings().bucket("uploads")
        named = {f"rollcall-{name.replace('_', '-')}": value for name, value in metadata.items()}
        version = self._s3.put_object(Bucket=bucket, Key=key, Body=data, Metadata=named)["VersionId"]
        self._sequencer += 1
        return {
            "eventSource": "aws:s3",
            "eventTime": clock.timestamp(),
            "eventName": "ObjectCreated:Put",
            "s3": {
                "bucket": {"name": bucket},
                "object": {
                    "key": quote_plus(key, safe="/"),
                    "size": len(data),
                    "versionId": version,
                    "sequencer": f"{self._sequencer:X}",
                },
            },
        }

    def started(self, machine: str = "import") -> list[dict[str, Any]]:
        """The inputs of the executions that were started, oldest first."""
        arn = settings().arn("states", f"stateMachine:{settings().names.of(machine)}")
        found = self._states.list_executions(stateMachineArn=arn)["executions"]
        inputs = [self._states.describe_execution(executionArn=each["executionArn"])["input"] for each in found]
        return [json.loads(text) for text in inputs]

    def waiting(self) -> dict[str, Any]:
        """The input of the one started import that has not been planned yet."""
        (given,) = [each for each in self.started() if jobs().get(each["job"])["status"] == "waiting"]
        return given

    def drop(self, data: bytes, key: str = "imports/users.json", **metadata: str) -> Job:
        """Upload a file, and run its import to the end: the job."""
        system.invoke("on_upload", {"Records": [self.upload(data, key, **metadata)]})
        return self.run_import(self.waiting())

    def run_import(self, given: dict[str, Any]) -> Job:
        """Run an execution of the import machine to its end: the job as it is then."""
        ended = self.machine("import").run(given)
        assert ended.status == "SUCCEEDED" or ended.error == "ImportFailed", ended
        return jobs().get(given["job"], "import")

    def machine(self, name: str, **steps: Any) -> StateMachine:
        """The state machine as it is deployed; `steps` run in the place of its functions."""
        text = resources(load("prod"))[f"{name.capitalize()}Machine"]["Properties"]["DefinitionString"]["Fn::Sub"]

        def invoke(function: str, event: dict[str, Any]) -> Any:
            task = function.removeprefix("rollcall-prod-")
            return steps[task](event) if task in steps else system.invoke(task, event)

        def read(bucket: str, key: str) -> bytes:
            return bytes(self._s3.get_object(Bucket=bucket, Key=key)["Body"].read())

        return StateMachine(json.loads(text), invoke, read)

    def manifest(self, plan: dict[str, Any]) -> list[dict[str, Any]]:
        """The entries that a distributed map would hand out."""
        place = plan["manifest"]
        body = self._s3.get_object(Bucket=place["bucket"], Key=place["key"])["Body"].read()
        return list(json.loads(body))

    def run_export(self, given: dict[str, Any]) -> Job:
        """Run an execution of the export machine to its end: the job as it is then."""
        ended = self.machine("export").run(given)
        assert ended.status == "SUCCEEDED" or ended.error == "ExportFailed", ended
        return jobs().get(given["job"], "export")

    def errors(self, job: dict[str, Any]) -> list[tuple[int, str, str]]:
        """What the job's report says, as (line, field, reason)."""
        body = self.aws.objects("work")[job["report"]["ndjson"]]
        told = [json.loads(line) for line in body.decode().split("\n") if line]
        return [
            (row["_line"], fault["field"], fault["reason"]) for row in told for fault in row.get("_errors", ())
        ]

    def report(self, job: dict[str, Any]) -> list[dict[str, Any]]:
        """The lines of the job's report."""
        body = self.aws.objects("work")[job["report"]["ndjson"]]
        return [json.loads(line) for line in body.decode().split("\n") if line]


def people(aws: Cloud) -> dict[str, dict[str, Any]]:
    """Everybody alive, by email, or else by name."""
    return {row.get("email") or row["name"]: row for row in aws.rows("users") if "deleted_at" not in row}
