"""Each policy is exactly what its function needs: nothing was refused, and nothing is granted that nobody used.

Runs last of its level, over the calls that the functions logged while every other test used them. What Lambda itself
does in a function's name (polling, failure destinations, logs, traces) is no call of the function's; which of these
permissions each needs is stated in `tests/lambda_itself.py`, and held by the unit tests.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from chalicelib.core.names import SECRETS
from infra import policies
from infra.arns import filled, logical
from infra.functions import in_stage
from infra.stage import ALL_ON, LOCAL_REGION, Stage
from tests import lambda_itself

SIGNED_FOR = {
    ("s3:PutObject", "rollcall-local-uploads-000000000000-us-east-1/imports/*"),
    ("s3:GetObject", "rollcall-local-work-000000000000-us-east-1/exports/*"),
    ("s3:GetObject", "rollcall-local-work-000000000000-us-east-1/answers/*"),
    ("s3:GetObject", "rollcall-local-work-000000000000-us-east-1/changes/*"),
}
"""What the API never calls itself: whoever holds a link or a form that it signed does, as other tests here do."""

WORK = "rollcall-local-work-000000000000-us-east-1"

EVERYTHING = Stage("local", ALL_ON, emulated=True)

SEGMENTS = "table/rollcall-local-segments"

EVALUATED = {
    *(("dynamodb:Query", f"{SEGMENTS}/index/{index}") for index in ("kind-index", "segment-index")),
    *(
        (f"dynamodb:{operation}", SEGMENTS)
        for operation in ("BatchGetItem", "DeleteItem", "PutItem", "UpdateItem")
    ),
}

NOT_HERE = {
    *(("on_read_model", *call) for call in EVALUATED),
    *(("maintain_read_model", *call) for call in EVALUATED),
    ("api_handler", "dynamodb:Query", f"{SEGMENTS}/index/kind-index"),
    *(("api_handler", f"dynamodb:{operation}", SEGMENTS) for operation in ("BatchGetItem", "GetItem", "PutItem")),
    *(("on_job", f"dynamodb:{operation}", SEGMENTS) for operation in ("DeleteItem", "GetItem")),
    ("every_hour", "dynamodb:BatchGetItem", SEGMENTS),
    ("reconcile", "dynamodb:BatchGetItem", SEGMENTS),
    ("maintain_read_model", "dynamodb:UpdateItem", "table/rollcall-local-jobs"),
    ("maintain_read_model", "dynamodb:BatchGetItem", "table/rollcall-local-users"),
    ("on_read_model", "dynamodb:Query", f"{SEGMENTS}/index/user-index"),
    ("on_read_model", "sqs:ChangeMessageVisibility", "rollcall-local-read-model"),
    ("on_job", "sqs:SendMessage", "rollcall-local-read-model"),
    ("on_read_model", "sqs:SendMessage", "rollcall-local-read-model-dlq"),
}
"""What happens to segments on other days, and a database that is away or refuses a row: `tests/postgresql` has all of
these, and this level none."""

UNSEEN = NOT_HERE | {
    ("plan_import", "s3:DeleteObject", f"{WORK}/imports/*"),
    ("every_five_minutes", "s3:DeleteObject", f"{WORK}/imports/*"),
    ("every_five_minutes", "s3:DeleteObject", f"{WORK}/exports/*"),
    ("on_upload", "dynamodb:UpdateItem", "table/rollcall-local-jobs"),
    ("on_mail", "sqs:SendMessage", "rollcall-local-mail"),
    ("on_webhook", "dynamodb:UpdateItem", "table/rollcall-local-deliveries"),
    ("on_job", "dynamodb:PutItem", "table/rollcall-local-deliveries"),
    ("import_chunk", "dynamodb:Query", "table/rollcall-local-credentials/index/kind-index"),
    ("every_hour", "sqs:GetQueueAttributes", "rollcall-local-history"),
    ("reconcile", "sqs:GetQueueAttributes", "rollcall-local-history"),
    *(
        ("operate_stage", "sqs:SendMessage", f"rollcall-local-{queue}")
        for queue in EVERYTHING.queues
        if queue != "mail"
    ),
    *(("operate_stage", "sqs:DeleteMessage", f"rollcall-local-{queue}") for queue in EVERYTHING.dead_letters),
    *(("operate_stage", "sqs:ReceiveMessage", f"rollcall-local-{queue}") for queue in EVERYTHING.dead_letters),
    *(
        ("operate_stage", "sqs:ChangeMessageVisibility", f"rollcall-local-{queue}")
        for queue in EVERYTHING.dead_letters
    ),
    *(
        ("operate_stage", "lambda:InvokeFunction", f"function:rollcall-local-{name}")
        for name in policies.repeated(EVERYTHING)
    ),
    *(("operate_stage", "secretsmanager:RotateSecret", f"secret:rollcall-local-{name}") for name in SECRETS),
}
"""What is called only on a bad day, which this level has none of: SES takes no mail, a message comes twice, history is
behind, a file comes after its form has expired or is refused in its middle, a state machine dies; or when an export
with credentials has been there for ten minutes, or an event is replayed to a webhook that had it, or a file brings
identities of providers; or another dead-letter queue holds something, or a secret has a schedule. The functional tests
call each."""

REFUSED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException"}


def test_no_call_was_refused(deployed):
    refused = [
        (function, call["needs"])
        for function, calls in deployed.calls().items()
        for call in calls
        if call["error"] in REFUSED
    ]
    assert refused == []


def test_every_call_is_granted(deployed):
    """Also where the local cloud asks for less than AWS does."""
    made = deployed.calls()
    for function in in_stage(deployed.stage):
        allowed = [
            (action, short(resource))
            for allow in policies.statements(deployed.stage, function)
            for action in allow.actions
            for resource in allow.resources
        ]
        needed = {(action, about) for call in made[function.name] for action, about in call["needs"]}
        missing = {need for need in needed if not any(matches(need, permission) for permission in allowed)}
        assert missing == set(), function.name


def test_every_permission_was_used(deployed):
    made = deployed.calls()
    unused = []
    for function in in_stage(deployed.stage):
        used = {(action, about) for call in made[function.name] for action, about in call["needs"]}
        by_lambda = lambda_itself.does(function)
        for allow in policies.statements(deployed.stage, function):
            for action in allow.actions:
                for resource in map(short, allow.resources):
                    by_others = (
                        (action, resource) in SIGNED_FOR
                        or (function.name, action, resource) in UNSEEN
                        or any(action == done and part in resource for done, part in by_lambda)
                    )
                    if not by_others and not any(matches(need, (action, resource)) for need in used):
                        unused.append((function.name, action, resource))
    assert not unused, "\n".join(map(str, unused))


def matches(need, permission):
    return need[0] == permission[0] and fnmatchcase(need[1], permission[1])


def short(resource):
    """What `core.aws.permissions` calls the resource: the last part of its ARN, with the account filled in."""
    if resource == "*":
        return resource
    values = {"AWS::Partition": "aws", "AWS::Region": LOCAL_REGION, "AWS::AccountId": "000000000000"}
    streams = {f"{logical(table)}Table.StreamArn": "arn:aws:dynamodb:r:0:stream" for table in EVERYTHING.streams}
    about = filled(resource, {**values, **streams, "MailDomain": "rollcall.example"}).split(":", 5)[-1]
    return about.removeprefix("stateMachine:").removesuffix("-??????")
