"""What the decorators in `app.py` must know while Python imports it.

The only module that reads the environment at import. Everything else asks `core.settings`, on first use.
"""

from __future__ import annotations

import os

from chalicelib.core.names import Names

STAGE = os.environ.get("STAGE", "local")
NAMES = Names(STAGE)

KINESIS_ITEMS = os.environ.get("KINESIS_ITEMS", "off") == "on"
"""Whether this stage takes item writes from a Kinesis stream too: a stream costs money while idle."""

UPLOADS_BUCKET = NAMES.bucket(
    "uploads",
    os.environ.get("ACCOUNT_ID", "000000000000"),
    os.environ.get("AWS_DEFAULT_REGION", "us-east-1"),
)
"""For `chalice deploy`, which knows its region by `AWS_DEFAULT_REGION` as boto3 does."""

SERVES_HTTP = os.environ.get("_HANDLER", "app.app") == "app.app"
"""Lambda names the handler it loads in `_HANDLER`: event consumers need no routes, nor what routes import."""


ITEM_MESSAGES = 100
"""Of the queue `items` in one invocation. Lambda stops at 6 MB, so our own packs of 200 KB come by thirty, and single
items of others by the hundred: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html"""

ITEM_RECORDS = 500
"""Of a Kinesis shard in one invocation: half of what a shard takes in a second, again up to 6 MB:
https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html"""

ITEM_WINDOW_SECONDS = 1
"""How long a batch of items may wait to fill. Whoever queues items has had a 202, and does not wait for them."""


def stream_arn(table: str) -> str:
    """The ARN of a table's stream, as rendered for the stage.

    Chalice wants one at import. A packaged template replaces it by `Fn::GetAtt`, so a placeholder does there.
    """
    placeholder = f"arn:aws:dynamodb:us-east-1:000000000000:table/{NAMES.of(table)}/stream/unset"
    return os.environ.get(f"{table.upper()}_STREAM_ARN", placeholder)


def chalice_deploys() -> bool:
    """Whether `chalice deploy` (or `delete`) is loading the app.

    `chalice package` refuses `@app.on_s3_event` (CloudFormation cannot change an existing bucket's
    notifications), while `chalice deploy` needs it to wire the bucket. Click knows which of the two runs.
    """
    if "AWS_CHALICE_CLI_MODE" not in os.environ:
        return False
    import click

    context = click.get_current_context(silent=True)
    return context is not None and context.info_name in {"deploy", "delete"}
