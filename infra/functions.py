"""The functions: how much time and memory each gets, what invokes it, and how many may run at once.

Memory buys CPU on Lambda: 1,769 MB is one core (https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.stage import KINESIS, READ_MODEL

if TYPE_CHECKING:
    from infra.stage import Stage


@dataclass(frozen=True)
class Function:
    """One function. `timeout` in seconds, `memory` in MB.

    Exactly one of `queue`, `stream` and `kinesis` names its batch source; `asynchronous` ones are invoked by events
    that Lambda itself retries twice, then hands to `invocations-dlq`.
    """

    name: str
    timeout: int
    memory: int
    queue: str = ""
    concurrency: int = 0
    """The most invocations that its queue may have running at once: 2 to 1,000."""
    stream: str = ""
    parallelism: int = 1
    """Concurrent batches per stream shard, 1 to 10; order is kept per key whatever it is."""
    topic: str = ""
    kinesis: str = ""
    needs: str = ""
    """The setting that a stage must have for it: off, it does not exist."""
    chains: bool = False
    """Whether it queues the next page of a job for itself. Lambda would stop that after about sixteen invocations:
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html"""
    asynchronous: bool = False
    scheduled: bool = False
    filters: tuple[dict[str, Any], ...] = ()
    """Patterns of the records of its stream that it is invoked for; none: for each. What fits no pattern costs nothing:
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html"""

    @property
    def is_traced(self) -> bool:
        """Whether X-Ray is told of its invocations. API Gateway decides which requests are traced (`infra.watching`);
        behind a stream or a queue Lambda would decide, by a rate that nobody can set, and traces are paid for."""
        return self.name == "api_handler"


SESSION_CHANGES = (
    {"eventName": ["INSERT", "REMOVE"]},
    {"eventName": ["MODIFY"], "dynamodb": {"NewImage": {"deleted_at": {"S": [{"exists": True}]}}}},
)
"""The changes of a session that make events (`chalicelib.events.change`): it begins, ends, or expires. A refresh makes
none, and is what changes sessions most often."""

FUNCTIONS = (
    # 29 s is API Gateway's own limit. Password hashes are CPU, so it has one core; the floor of a failed sign-in
    # (`chalicelib.sessions.failure_delay`) counts on it. What other sizes cost: docs/passwords.md.
    Function("api_handler", timeout=29, memory=1769),
    Function("on_user_change", timeout=60, memory=256, stream="users", parallelism=4),
    # It waits for a full batch (`SESSIONS_WINDOW_SECONDS`): two at once publish what a shard brings at its most, 1,000
    # changes a second, in as few calls as there may be.
    Function(
        "on_session_change", timeout=60, memory=256, stream="sessions", parallelism=2, filters=SESSION_CHANGES
    ),
    Function("on_item_change", timeout=60, memory=256, stream="items", parallelism=4),
    Function("on_job_change", timeout=60, memory=256, stream="jobs"),
    Function("on_client_change", timeout=60, memory=256, stream="clients"),
    Function("on_intent", timeout=30, memory=512, stream="intents", parallelism=2),
    # Consumers of events: none may take what sign-in needs, so each has a ceiling. A new account has ten
    # concurrent executions in all (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
    # A seventh of a core records some 800 events a second (`python -m benchmarks consumers`), and less memory costs a
    # tenth less and takes twice as long. Four of them come near the 4,000 writes a second of a new on-demand table and
    # of the feed's four shards: a million imported people are in history within six minutes.
    Function("on_history", timeout=30, memory=256, queue="history", concurrency=4),
    Function("on_user_event", timeout=30, memory=256, queue="insights", concurrency=2),
    Function("on_mail", timeout=60, memory=512, queue="mail", concurrency=5),
    Function("on_webhook", timeout=30, memory=256, queue="webhooks", concurrency=5),
    Function("on_delivery", timeout=30, memory=256, queue="deliveries", concurrency=20),
    # A core signs about 1,000 writes a second, sixteen at once (`core.aws.parallel.WRITERS`), and a new on-demand table
    # takes 4,000 (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html): more
    # than four at once would be throttled, and have their messages come again a visibility timeout later. 6 MB of the
    # smallest items are 50,000 writes, so a minute, and the timeout is twice that.
    Function("on_items", timeout=120, memory=1769, queue="items", concurrency=4),
    Function("on_job", timeout=120, memory=512, queue="jobs", concurrency=2, chains=True),
    # A shard takes 1,000 records a second: two at once keep up with it, and a new on-demand stream has four shards.
    Function("on_item_stream", timeout=120, memory=1769, kinesis="items", parallelism=2, needs=KINESIS),
    Function("on_mail_feedback", timeout=30, memory=256, topic="mail-feedback", asynchronous=True),
    Function("on_alert", timeout=30, memory=256, topic="ops-alerts", asynchronous=True),
    # A server-side copy takes minutes, and no memory; a file of 1 GB is planned as a stream.
    Function("on_upload", timeout=900, memory=256, asynchronous=True),
    Function("plan_import", timeout=900, memory=1024),
    Function("import_chunk", timeout=300, memory=1024),
    # A core joins the parts of 1.2 million rows in 46 s (`python -m benchmarks trial`).
    Function("finish_import", timeout=900, memory=1769),
    Function("export_segment", timeout=900, memory=512),
    Function("finish_export", timeout=900, memory=512),
    Function("every_five_minutes", timeout=120, memory=256, asynchronous=True, scheduled=True),
    # One core compares some 5,000 changes a second with history (`python -m benchmarks sweep`), and a run takes 600 s.
    Function("every_hour", timeout=900, memory=1769, asynchronous=True, scheduled=True),
    Function("every_day", timeout=300, memory=256, asynchronous=True, scheduled=True),
    Function("rotate_signing_key", timeout=60, memory=512, asynchronous=True),
    Function("rotate_app_keys", timeout=60, memory=256, asynchronous=True),
    Function("send_email", timeout=30, memory=256, asynchronous=True),
    Function("put_items", timeout=120, memory=1769, asynchronous=True),
    Function("reapply_erasures", timeout=120, memory=512),
    Function("reconcile", timeout=900, memory=1769),
    Function("create_admin", timeout=30, memory=1024),
    Function("observe_stage", timeout=30, memory=512),
    # Whoever asked over HTTP waits for 25 s of it; what it tries again may take as long as any function.
    Function("operate_stage", timeout=900, memory=256),
    Function("on_segment_change", timeout=60, memory=256, stream="segments", parallelism=2, needs=READ_MODEL),
    # A core writes some thousands of events a second, in one transaction after the other: the second invocation reads
    # its messages while the first one writes. Its timeout leaves time for what a rebuild does at its end.
    Function(
        "on_read_model", timeout=300, memory=1769, queue="read-model", concurrency=2, chains=True, needs=READ_MODEL
    ),
    Function("maintain_read_model", timeout=900, memory=512, asynchronous=True, scheduled=True, needs=READ_MODEL),
    # Who asks over HTTP waits for it, 29 s at most.
    Function("query_read_model", timeout=29, memory=512, needs=READ_MODEL),
    Function("operate_read_model", timeout=900, memory=512, needs=READ_MODEL),
)

BY_QUEUE = {function.queue: function for function in FUNCTIONS if function.queue}

EMULATED_AT_ONCE = 2
"""The ceiling of everything that runs at once in the local cloud, where each execution environment is a process that
unpacks the whole package, and all of them share the cores of one machine."""

VISIBILITY_FACTOR = 6
"""A queue's visibility timeout over its function's: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""


def in_stage(stage: Stage) -> tuple[Function, ...]:
    """The functions of a stage: without those of an option that it does not have."""
    return tuple(function for function in FUNCTIONS if not function.needs or stage.has(function.needs))
