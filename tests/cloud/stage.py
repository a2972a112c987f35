"""A deployed stage as the cloud tests see it."""

from __future__ import annotations

import dataclasses
import json
import os
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyotp

from chalicelib.core.aws.dynamo import Item, to_item
from infra.functions import in_stage
from tests.cloud.edge import Backend, Gateway, strict_edge
from tools import cloud, cloudformation, local_read_model, localcloud, operate, postgresql
from tools.api import Api
from tools.deploying import deploy_packaged
from tools.mailbox import mails, text_of, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from infra.stage import Stage
    from tools.postgresql import Server

DEADLINE_SECONDS = 120.0
"""A condition that holds earlier is not waited for longer; a busy machine takes ten times as long as an idle one."""
PATIENCE_SECONDS = 120
"""Of the edge. The local cloud ends the API's function after API Gateway's 29 seconds too, but does not count how long
a busy machine takes to start it."""

ADMINISTRATOR = "root@rollcall.example"
STRONG_ADMINISTRATOR = "strong@rollcall.example"
SIGN_IN_AGAIN_SECONDS = 240
"""Less than a step-up and an access token last."""


def eventually(look: Callable[[], Any], what: str, seconds: float = DEADLINE_SECONDS) -> Any:
    """What `look` gives, as soon as that is something. Fails with `what` after the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"within {seconds:.0f} s, {what} did not happen")
        time.sleep(0.1)


@dataclass
class DeployedStage:
    """The stage `local`, deployed from its template. `anyone` is its API without a token, `admin` with one."""

    stage: Stage
    running: localcloud.LocalCloud
    anyone: Api
    administrator: dict[str, str]
    """The fields of a sign-in."""
    database: Server | None = None
    """Of its read model, where it has one."""
    _admin: Api | None = None
    _signed_in_at: float = 0
    _strong: Api | None = None
    _strong_fields: dict[str, str] = dataclasses.field(default_factory=dict)
    _app: pyotp.TOTP | None = None
    _proved_at: float = 0

    @classmethod
    @contextmanager
    def start(cls, stage: Stage, port: int, folder: Path, edge_port: int = 0) -> Iterator[DeployedStage]:
        """Start a local cloud, deploy the stage into it, make an administrator; stop it all afterwards.

        Its API is reached through the strict edge alone (`tests.cloud.edge`), on `edge_port` or any.
        """
        before = dict(os.environ)
        running = localcloud.start(port, folder)
        with ExitStack() as stack:
            stack.callback(_end, running, before)
            os.environ.update(running.variables())
            cloud.client.cache_clear()
            cloud.account.cache_clear()
            database = stack.enter_context(postgresql.running()) if stage.read_model else None
            if database:
                local_read_model.store_secret(stage, database)
            template = deploy_packaged(stage)
            api_id = cloudformation.outputs(stage.names.api)["RestAPIId"]
            backend = Backend(port, f"{api_id}.execute-api.localhost:{port}")
            made = operate.make_administrator(stage, ADMINISTRATOR)
            with strict_edge(Gateway.of(template), backend, edge_port, PATIENCE_SECONDS) as url:
                fields = {"email": made["email"], "password": made["password"]}
                yield cls(stage, running, Api(url), fields, database)

    @property
    def admin(self) -> Api:
        """The API as the administrator, who signed in lately enough for everything. The level lasts longer than that:
        so they sign in again, on a device that is known and causes no mail."""
        if self._admin is None or time.monotonic() - self._signed_in_at > SIGN_IN_AGAIN_SECONDS:
            answer = self.anyone.call("POST", "/sessions", self.administrator)
            assert answer.status == 201, answer.body
            self.administrator["device"] = answer.body["device"]
            self._admin = dataclasses.replace(self.anyone, token=answer.body["access_token"])
            self._signed_in_at = time.monotonic()
        return self._admin

    @property
    def strong_admin(self) -> Api:
        """The API as another administrator, who proved two factors lately enough for everything."""
        if self._app is None:
            made = operate.invoke(self.stage, "create_admin", {"email": STRONG_ADMINISTRATOR, "force": True})
            self._strong_fields = {"email": made["email"], "password": made["password"]}
            api = self._signed_in(self._strong_fields)
            self._app = pyotp.TOTP(api.call("POST", "/me/totp").body["secret"])
            assert api.call("POST", "/me/totp/confirm", {"otp": self._app.now()}).status == 204
            following = self._app.at(datetime.now(UTC), counter_offset=1)
            assert api.call("POST", "/sessions/current/step-up", {"otp": following}).status == 204
            self._strong, self._proved_at = api, time.monotonic()
        elif time.monotonic() - self._proved_at > SIGN_IN_AGAIN_SECONDS:
            self._strong = self._signed_in({**self._strong_fields, "otp": self._app.now()})
            self._proved_at = time.monotonic()
        assert self._strong is not None
        return self._strong

    def _signed_in(self, fields: dict[str, str]) -> Api:
        answer = self.anyone.call("POST", "/sessions", fields)
        assert answer.status == 201, answer.body
        return dataclasses.replace(self.anyone, token=answer.body["access_token"])

    def mail_to(self, address: str, containing: str = "") -> str:
        """The newest mail to an address, waited for, as text."""

        def look() -> str | None:
            mail = wait_for(self.running.endpoint, address, seconds=0)
            text = text_of(mail) if mail else ""
            return text if text and containing in text else None

        return str(eventually(look, f"a mail to {address}"))

    def mails_to(self, address: str) -> list[str]:
        """Every mail to an address so far, as text."""
        return [text_of(mail) for mail in mails(self.running.endpoint) if any(address in to for to in mail["To"])]

    def queue_url(self, queue: str) -> str:
        return str(cloud.client("sqs").get_queue_url(QueueName=self.stage.names.of(queue))["QueueUrl"])

    def send(self, queue: str, body: Any) -> None:
        """Put a message on a queue, as text or as JSON."""
        text = body if isinstance(body, str) else json.dumps(body)
        cloud.client("sqs").send_message(QueueUrl=self.queue_url(queue), MessageBody=text)

    def receive(self, queue: str, containing: str = "") -> dict[str, Any]:
        """The first message on a queue whose body contains a text, waited for and deleted."""
        sqs, url = cloud.client("sqs"), self.queue_url(queue)

        def look() -> dict[str, Any] | None:
            answer = sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], VisibilityTimeout=1
            )
            for message in answer.get("Messages", []):
                if containing in message["Body"]:
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                    return dict(message)
            return None

        return dict(eventually(look, f"a message with {containing!r} on {queue}"))

    def bucket(self, name: str) -> str:
        return self.stage.names.bucket(name, cloud.account(), cloud.region())

    def drop(self, key: str, data: bytes, **metadata: str) -> None:
        """Put an object into the uploads bucket."""
        cloud.client("s3").put_object(Bucket=self.bucket("uploads"), Key=key, Body=data, Metadata=metadata)

    def post_form(self, form: dict[str, Any], data: bytes) -> None:
        """Upload a file as a browser's form does: the presigned fields, then the file."""
        boundary = "rollcall-test"
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'
            for k, v in form["fields"].items()
        ]
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
        body = "".join([*parts, head]).encode() + data + f"\r\n--{boundary}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        with urllib.request.urlopen(urllib.request.Request(form["url"], body, headers), timeout=30) as answer:
            assert answer.status in {200, 201, 204}

    def rows(self, table: str) -> list[Item]:
        """Every item of a table."""
        pages = cloud.client("dynamodb").get_paginator("scan").paginate(TableName=self.stage.names.of(table))
        return [to_item(item) or {} for page in pages for item in page["Items"]]

    def in_sql(self) -> str:
        """Every row of the read model that is about people, as text."""
        assert self.database is not None
        tables = ("people", "identities", "sessions", "items", "memberships", "events")
        return "\n".join(
            self.database.psql("-d", "rollcall", "-c", f"SELECT row_to_json(t) FROM rollcall.{table} AS t")
            for table in tables
        )

    def invoke(self, function: str, event: Any = None) -> Any:
        return operate.invoke(self.stage, function, event if event is not None else {})

    def calls(self, *functions: str) -> dict[str, list[dict[str, Any]]]:
        """Every AWS call that each function, or each of these, has logged: `{operation, needs: [[action, resource]],
        error}`."""
        logs = cloud.client("logs")
        found: dict[str, list[dict[str, Any]]] = {}
        for function in in_stage(self.stage):
            if functions and function.name not in functions:
                continue
            name = self.stage.names.api if function.name == "api_handler" else self.stage.names.of(function.name)
            lines = _log_lines(logs, f"/aws/lambda/{name}")
            found[function.name] = [json.loads(line) for line in lines if '"message":"aws call"' in line]
        return found


def _log_lines(logs: Any, group: str) -> Iterator[str]:
    """Every line of a log group. The local cloud's FilterLogEvents gives 10,000 of them, and no further pages."""
    for result_page in logs.get_paginator("describe_log_streams").paginate(logGroupName=group):
        for stream in result_page["logStreams"]:
            named = {"logGroupName": group, "logStreamName": stream["logStreamName"], "startFromHead": True}
            answer = logs.get_log_events(**named)
            while answer["events"]:
                for event in answer["events"]:
                    yield from event["message"].splitlines()
                answer = logs.get_log_events(**named, nextToken=answer["nextForwardToken"])


def _end(running: localcloud.LocalCloud, environment: dict[str, str]) -> None:
    """Stop a local cloud, and have the environment that was there before it."""
    running.stop()
    os.environ.clear()
    os.environ.update(environment)
    cloud.client.cache_clear()
    cloud.account.cache_clear()


def schedule_event() -> dict[str, Any]:
    """What EventBridge sends to a scheduled function."""
    return {
        "version": "0",
        "id": "test",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": "2026-01-01T00:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail": {},
    }
