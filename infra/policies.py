"""What each function may do: one least-privilege policy each, as one page.

Every action is named; none holds a wildcard. Resources are named too, but for the few actions for which IAM knows no
resource (`WITHOUT_RESOURCES`). What a source needs follows from `infra.functions`; the rest is written here, and a
test holds it to exactly what the functions were seen to call.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from chalicelib.core import old_system
from chalicelib.core.names import SECRETS
from infra import read_model
from infra.allow import Allow, May, emulated
from infra.api_policy import of_api
from infra.arns import Arns
from infra.functions import Function, in_stage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra.stage import Stage

WITHOUT_RESOURCES = {
    "cloudwatch:GetMetricData": "metrics have no ARNs",
    "dynamodb:ListStreams": "lists streams, so it is about no particular one",
    "kinesis:ListStreams": "lists streams, so it is about no particular one",
    "xray:PutTelemetryRecords": "X-Ray has no resources for segments and telemetry",
    "xray:PutTraceSegments": "X-Ray has no resources for segments and telemetry",
}
"""Actions that IAM cannot tie to a resource, and why: they alone are granted on `*`."""

SWEPT = ("users", "sessions", "items", "jobs", "clients")
"""The tables whose changes are events."""


def repeated(stage: Stage) -> tuple[str, ...]:
    """The functions that are invoked again for what is in `streams-dlq` and `invocations-dlq`."""
    return ("reconcile", "on_intent", *(function.name for function in in_stage(stage) if function.asynchronous))


def document(stage: Stage, function: Function) -> dict[str, Any]:
    """The function's whole policy document, with pseudo parameters in its resources."""
    allowed = statements(stage, function)
    if stage.emulated:
        allowed = list(chain.from_iterable(map(emulated, allowed)))
    return {"Version": "2012-10-17", "Statement": [allow.statement() for allow in allowed]}


def statements(stage: Stage, function: Function) -> list[Allow]:
    arns = Arns(stage.names)
    work = _work(stage)[function.name]
    if function.name == "api_handler" and stage.asks_with_secret:
        work = [*work, May(arns).secret(old_system.SECRET)]
    if stage.read_model:
        work = [*work, *read_model.of_others(May(arns)).get(function.name, ())]
    return [*_logs_and_traces(arns, function), *_source(arns, function), *work]


def all_documents(stage: Stage) -> dict[str, dict[str, Any]]:
    """Every function's policy, by the function's name."""
    functions = in_stage(stage)
    return {function.name: document(stage, function) for function in functions}


def _logs_and_traces(arns: Arns, function: Function) -> Iterable[Allow]:
    yield Allow(("logs:CreateLogStream", "logs:PutLogEvents"), (arns.log_group(function.name),))
    if function.is_traced:
        yield Allow(("xray:PutTraceSegments", "xray:PutTelemetryRecords"), ("*",))


def _source(arns: Arns, function: Function) -> Iterable[Allow]:
    """What Lambda's poller does in the function's name, and where what cannot be processed goes."""
    if function.queue:
        queue = arns.queue(function.queue)
        yield Allow(("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"), (queue,))
        yield Allow(("sqs:SendMessage",), (arns.queue(f"{function.queue}-dlq"),))
    if function.stream:
        yield Allow(
            ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"),
            (arns.stream(function.stream),),
        )
        yield Allow(("dynamodb:ListStreams",), ("*",))
        yield Allow(("sqs:SendMessage",), (arns.queue("streams-dlq"),))
    if function.kinesis:
        reading = (
            "kinesis:DescribeStream",
            "kinesis:DescribeStreamSummary",
            "kinesis:GetRecords",
            "kinesis:GetShardIterator",
            "kinesis:ListShards",
        )
        yield Allow(reading, (arns.kinesis(function.kinesis),))
        yield Allow(("kinesis:ListStreams",), ("*",))
        yield Allow(("sqs:SendMessage",), (arns.queue("streams-dlq"),))
    if function.asynchronous:
        yield Allow(("sqs:SendMessage",), (arns.queue("invocations-dlq"),))


def _work(stage: Stage) -> dict[str, list[Allow]]:
    arns = Arns(stage.names)
    may = May(arns)
    publishing = [may.publish()]
    sweeping = [
        *(may.index(table, "changes-index") for table in SWEPT),
        *(may.table(table, "BatchGetItem") for table in SWEPT),
        may.table("history", "BatchGetItem"),
        may.index("history", "feed-index"),
        may.look_at("history"),
        may.publish(),
    ]
    return {
        **read_model.of_its_functions(may),
        "api_handler": of_api(may),
        "on_user_change": publishing,
        "on_session_change": publishing,
        "on_item_change": publishing,
        "on_job_change": publishing,
        "on_client_change": publishing,
        "on_intent": [
            may.table("intents", "GetItem", "UpdateItem"),
            may.table("guards", "GetItem", "PutItem", "UpdateItem"),
            may.credentials("GetItem", of=("address", "password")),
            may.table("users", "GetItem"),
            may.publish(),
            may.table("mail", "UpdateItem"),
            may.secret("app-keys"),
            may.send("mail"),
        ],
        "on_history": [
            may.table("history", "PartiQLInsert"),
            may.table("users", "BatchGetItem"),
            may.send("jobs"),
        ],
        "on_user_event": [may.table("insights", "BatchGetItem", "PutItem", "UpdateItem")],
        "on_mail": [
            may.table("mail", "GetItem", "UpdateItem"),
            may.table("users", "GetItem"),
            may.table("sessions", "GetItem"),
            may.index("sessions", "user-index"),
            may.table("intents", "GetItem"),
            may.secret("app-keys"),
            may.mail(),
            may.send("mail", "insights"),
        ],
        "on_webhook": [
            may.table("webhooks", "Query"),
            may.table("deliveries", "PartiQLInsert", "PutItem", "UpdateItem"),
            may.index("grants", "session-index", "user-index"),
            may.table("clients", "BatchGetItem"),
            may.secret("signing-key"),
            may.send("deliveries"),
        ],
        "on_delivery": [
            may.table("webhooks", "GetItem", "UpdateItem"),
            may.table("deliveries", "UpdateItem"),
            may.table("clients", "BatchGetItem"),
            may.table("history", "GetItem"),
            may.table("users", "BatchGetItem", "GetItem"),
            may.table("mail", "UpdateItem"),
            may.keys_of("webhooks"),
            may.send("deliveries", "mail", "insights"),
        ],
        "on_items": [may.table("items", "UpdateItem")],
        "on_item_stream": [may.table("items", "UpdateItem")],
        "put_items": [may.table("items", "UpdateItem")],
        "on_job": [
            may.table("jobs", "GetItem", "UpdateItem"),
            may.index("history", "feed-index"),
            may.table("history", "Query", "UpdateItem"),
            may.publish(),
            may.credentials("DeleteItem", of=("password", "factors", "passkey", "identities", "identity")),
            may.credentials("GetItem", of=("factors", "identities", "identity")),
            may.index("intents", "account-index"),
            may.table("intents", "DeleteItem"),
            may.index("sessions", "user-index"),
            may.table("sessions", "PutItem"),
            may.index("grants", "user-index"),
            may.table("grants", "DeleteItem"),
            may.table("clients", "BatchGetItem"),
            may.table("items", "Query", "UpdateItem"),
            may.index("mail", "user-index"),
            may.table("mail", "DeleteItem"),
            may.table("webhooks", "GetItem", "Query"),
            may.table("deliveries", "BatchGetItem", "PartiQLInsert", "PutItem", "UpdateItem"),
            may.index("users", "birthday-index"),
            may.table("users", "BatchGetItem", "PutItem", "Scan"),
            may.table("guards", "GetItem", "UpdateItem"),
            may.send("deliveries", "jobs"),
        ],
        "on_mail_feedback": [may.table("mail", "GetItem", "UpdateItem"), may.send("insights")],
        "on_alert": [may.send("mail")],
        "send_email": [may.send("mail")],
        "on_upload": [
            may.objects("uploads", "*", "GetObjectVersion", "GetObjectVersionTagging"),
            may.objects("uploads-copy", "*", "PutObject", "PutObjectTagging"),
            may.table("guards", "PutItem", "UpdateItem"),
            may.table("jobs", "GetItem", "PutItem", "UpdateItem"),
            may.start("import"),
        ],
        "plan_import": [
            may.table("jobs", "GetItem", "UpdateItem"),
            may.objects("uploads", "imports/*", "GetObjectVersion"),
            may.objects("uploads", "items/*", "GetObjectVersion"),
            may.objects("work", "imports/*", "DeleteObject", "PutObject"),
            may.secret("app-keys", "firebase-*"),
        ],
        "import_chunk": [
            may.objects("work", "imports/*", "GetObject", "PutObject"),
            may.table("jobs", "PutItem"),
            may.table("users", "BatchGetItem", "ConditionCheckItem", "PutItem"),
            may.credentials("BatchGetItem", of=("password", "factors", "connection")),
            may.index("credentials", "kind-index"),
            may.credentials("PutItem", of=("address", "password", "factors", "identities", "identity")),
            may.table("guards", "UpdateItem"),
            may.table("items", "UpdateItem"),
            may.secret("app-keys", "firebase-*"),
        ],
        "finish_import": [
            may.table("jobs", "GetItem", "Query", "UpdateItem"),
            may.objects("work", "imports/*", "DeleteObject", "GetObject", "PutObject"),
            may.secret("app-keys"),
        ],
        "export_segment": [
            may.table("jobs", "GetItem", "PutItem", "UpdateItem"),
            may.table("users", "Scan"),
            may.credentials("BatchGetItem", of=("password", "factors", "identities")),
            may.secret("app-keys"),
            may.objects("work", "exports/*", "PutObject"),
        ],
        "finish_export": [
            may.table("jobs", "GetItem", "Query", "UpdateItem"),
            may.objects("work", "exports/*", "DeleteObject", "GetObject", "PutObject"),
        ],
        "every_five_minutes": [
            may.index("deliveries", "due-index"),
            may.table("deliveries", "BatchGetItem", "UpdateItem"),
            may.secret("signing-key"),
            may.send("deliveries"),
            may.index("jobs", "kind-index"),
            may.table("jobs", "GetItem", "Query", "UpdateItem"),
            may.describe("import", "export"),
            may.objects("work", "imports/*", "DeleteObject"),
            may.objects("work", "exports/*", "DeleteObject"),
        ],
        "every_hour": [
            *sweeping,
            may.table("guards", "UpdateItem"),
            may.table("insights", "GetItem", "UpdateItem"),
        ],
        "reconcile": sweeping,
        "every_day": [
            may.send("jobs"),
            may.table("guards", "GetItem", "UpdateItem"),
            may.index("jobs", "kind-index"),
            may.table("jobs", "GetItem", "UpdateItem"),
        ],
        "rotate_signing_key": [may.rotate("signing-key")],
        "rotate_app_keys": [may.rotate("app-keys")],
        "reapply_erasures": [
            may.index("jobs", "kind-index"),
            may.table("users", "BatchGetItem", "PutItem"),
            may.credentials("DeleteItem", of=("address", "password")),
            may.table("intents", "DeleteItem"),
            may.table("guards", "DeleteItem"),
            may.send("jobs"),
        ],
        "create_admin": [
            may.table("users", "GetItem", "PutItem"),
            may.credentials("GetItem", of=("address", "password")),
            may.credentials("PutItem", of=("address", "password", "mark")),
        ],
        "observe_stage": [
            may.table("guards", "GetItem", "PutItem"),
            may.look_at(*stage.queues, *stage.dead_letters),
            Allow(("cloudwatch:GetMetricData",), ("*",)),
            Allow(("cloudwatch:DescribeAlarms",), (arns.alarms(),)),
            Allow(("secretsmanager:DescribeSecret",), tuple(map(arns.secret, SECRETS))),
            Allow(("lambda:GetFunctionConfiguration",), (arns.function("api_handler"),)),
        ],
        "operate_stage": [
            may.hold(*stage.dead_letters),
            may.send(*stage.queues),
            # What a dead letter may name: a function that has nobody to answer. Forged, it reaches no other.
            may.invoke(*repeated(stage)),
            Allow(
                ("secretsmanager:DescribeSecret", "secretsmanager:RotateSecret"), tuple(map(arns.secret, SECRETS))
            ),
        ],
    }
