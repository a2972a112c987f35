"""What the decorators in `app.py` need while Python imports it.

The only module that reads the environment at import. All others use `core.settings`, which reads it on first use.
"""

from __future__ import annotations

import functools
import os
import sys
from typing import TYPE_CHECKING, Any

from chalicelib.core.names import Names

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalice import Chalice
    from chalice.app import S3Event

    Handler = Callable[[dict[str, Any]], None]

STAGE = os.environ.get("STAGE", "local")
NAMES = Names(STAGE)

LOGGING_LEVEL = os.environ.get("LOGGING_LEVEL", "INFO")
"""The least of `DEBUG`, `INFO`, `WARNING` and `ERROR` that is logged."""

KINESIS_ITEMS = os.environ.get("KINESIS_ITEMS", "off") == "on"
"""Whether this stage takes item writes from a Kinesis stream too: a stream costs money while idle."""

READ_MODEL = os.environ.get("READ_MODEL", "off") != "off"
"""Whether this stage has a read model: its consumer, its queue and what else exists for it alone."""

UPLOADS_BUCKET = NAMES.bucket(
    "uploads",
    os.environ.get("ACCOUNT_ID", "000000000000"),
    os.environ.get("AWS_DEFAULT_REGION", "us-east-1"),
)
"""For `chalice deploy`, which knows its region by `AWS_DEFAULT_REGION` as boto3 does."""

SERVES_HTTP = os.environ.get("_HANDLER", "app.app") == "app.app"
"""Whether this function serves HTTP. Lambda names the handler in `_HANDLER`: event consumers need neither routes nor
what routes import."""


_STARTS = os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
LOADS_AT_ONCE = _STARTS != "on-demand"
FROM_SNAPSHOT = _STARTS == "snap-start"
"""Whether Lambda prepares this process before anybody waits for it, for a snapshot or as provisioned concurrency, so
that everything is better loaded by then:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime"""


ITEM_MESSAGES = 100
"""Of the queue `items` in one invocation. Lambda stops at 6 MB, so our own packs of 200 KB come by thirty, and single
items of others by the hundred: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html"""

ITEM_RECORDS = 500
"""Of a Kinesis shard in one invocation: half of what a shard takes in a second, again up to 6 MB:
https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html"""

ITEM_WINDOW_SECONDS = 1
"""How long a batch of items may wait to fill. Whoever queues items has had a 202, and does not wait for them."""

SESSIONS_WINDOW_SECONDS = 10
"""How long changes of sessions may wait for others. They are the most frequent changes, and nobody waits for what they
lead to: a batch of ten costs its publishing, its messages and its consumers a fraction of what ten single ones cost."""

INSIGHTS_MESSAGES = 99
"""Of the queue `insights` in one invocation: with the tally, the hundred actions of one transaction."""

READ_MODEL_MESSAGES = 1000
"""Of the queue `read-model` in one invocation, so one transaction. An event has some 1.5 KB, and Lambda stops at 6 MB:
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html"""

READ_MODEL_WINDOW_SECONDS = 1
"""How long events may wait to be written to the read model together: what is searched there is as late as that."""

HISTORY_WINDOW_SECONDS = 5
"""How long events may wait to be recorded together. Full batches, as an import brings them, wait for nothing."""

INSIGHTS_WINDOW_SECONDS = 60
"""How long events may wait to be counted together: the transaction of a batch also writes the tally, once."""


def stream_arn(table: str) -> str:
    """The ARN of a table's stream, as rendered for the stage.

    Chalice wants one at import. A packaged template replaces it by `Fn::GetAtt`, so a placeholder does there.
    """
    placeholder = f"arn:aws:dynamodb:us-east-1:000000000000:table/{NAMES.of(table)}/stream/unset"
    return os.environ.get(f"{table.upper()}_STREAM_ARN", placeholder)


def on_s3_object_created(app: Chalice, *, bucket: str) -> Callable[[Handler], Any]:
    """Declare what answers each object that is put into a bucket; it gets the raw event.

    `chalice package` refuses `@app.on_s3_event` (CloudFormation cannot change an existing bucket's notifications),
    and the merged template wires the bucket: there, and so in Lambda, it is a pure function. `chalice deploy` needs
    the S3 event to wire the bucket, and `chalice local` takes it too. Click knows which of them loads the app.
    """
    command = _command()
    wires = command is not None and command.info_name in {"deploy", "delete", "local"}

    def declare(handler: Handler) -> Any:
        @functools.wraps(handler)
        def on_event(event: S3Event) -> None:
            handler(event.to_dict())

        @functools.wraps(handler)
        def on_invocation(event: dict[str, Any], _context: Any) -> None:
            handler(event)

        if wires:
            return app.on_s3_event(bucket=bucket, events=["s3:ObjectCreated:*"])(on_event)
        return app.lambda_function()(on_invocation)

    return declare


def require_runtime() -> None:
    """Stop `chalice package` and `chalice deploy` where they would take the wrong libraries.

    By itself Chalice takes those for the Python that runs it, and the stage's functions run on the one that its
    configuration names. `tools.chalice_for` says that it takes them for another. Raises click's UsageError.
    """
    command = _command()
    if command is None or command.info_name not in {"deploy", "package"}:
        return
    here = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packaged, configured = getattr(command.obj["factory"], "runtime", here), os.environ.get("RUNTIME", here)
    if packaged != configured:
        command.fail(
            f"Chalice would package for {packaged}, and this stage runs on {configured}: use `make package` or `make "
            f"deploy`, which package for it whatever their own Python is, or run Chalice with {configured}"
        )


def prepare_command() -> None:
    """Make a plain `chalice package` find what is rendered beside the configuration, and stop a plain deployment.

    The policies of a packaged stage come from there. Those of a deployed one need its account and its streams, which
    `make deploy` knows. Raises click's UsageError.
    """
    command = _command()
    if command is None or hasattr(command.obj["factory"], "runtime"):
        return
    if command.info_name == "deploy":
        command.fail(
            f"policies and streams are of an account, which this cannot know: `make deploy STAGE={STAGE}`"
        )
    if command.info_name == "package":
        from infra import render, stage

        render.render(stage.load(STAGE))


def _command() -> Any:
    """Click's context of the command of Chalice that is loading the app, if one is."""
    if "AWS_CHALICE_CLI_MODE" not in os.environ:
        return None
    import click

    return click.get_current_context(silent=True)


require_runtime()
prepare_command()
