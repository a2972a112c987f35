"""moto without HTTP: what a client asks is handed to moto's own implementation of the operation, and what that answers
to the client's own parser: ours, or botocore's. To write, sign and route requests that never leave the process took a
third of the time of functional tests.

`tests/functional/test_in_process.py` holds both ways equal; the levels `peers` and `cloud` go over HTTP.
"""

from __future__ import annotations

import base64
import json
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore import handlers
from botocore.awsrequest import AWSResponse
from botocore.parsers import create_parser
from moto.core import responses
from moto.core.botocore_stubber import MockRawResponse
from moto.core.models import botocore_stubber
from moto.core.parse import PROTOCOL_PARSERS
from moto.dynamodb.exceptions import DynamodbException
from moto.dynamodb.parsing import ast_nodes, expressions
from moto.dynamodb.responses import DynamoHandler
from moto.secretsmanager.responses import SecretsManagerResponse
from moto.sqs.responses import SQSResponse

from chalicelib.core.aws.calls import behind
from chalicelib.core.aws.calls.client import Client
from chalicelib.core.aws.telemetry import NOTED
from tests import partiql
from tests.environment import ACCOUNT, REGION
from tests.replies import Reply, Status

if TYPE_CHECKING:
    from moto.core.common_types import TYPE_RESPONSE


_OF_ITEMS = (
    *("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"),
    *("BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems", "BatchExecuteStatement"),
)


class _PlainDynamo(DynamoHandler):
    """Its items are what DynamoDB sends as JSON already: moto's writer looks each name of each value up in vain."""

    def serialized(self, action_result: responses.ActionResult) -> TYPE_RESPONSE:
        if isinstance(action_result.result, Exception) or self._get_action() not in _OF_ITEMS:
            return super().serialized(action_result)
        return 200, {}, json.dumps(action_result.result, default=_binary)


def _batch_execute_statement(handler: DynamoHandler) -> responses.ActionResult:
    """moto's own knows no parameters of an `INSERT`, and lets it replace an item."""

    def put(one: dict[str, Any]) -> str:
        handler.body = one
        try:
            handler.put_item()
        except DynamodbException as error:
            return str(error.error_type).rpartition("#")[2]
        return ""

    def key(table: str) -> str:
        return handler.dynamodb_backend.get_table(table).hash_key_attr

    return responses.ActionResult(partiql.answer(handler.body["Statements"], put, key))


sys.setrecursionlimit(max(3000, sys.getrecursionlimit()))
"""moto takes an update apart by a call within a call for each attribute, and the sweep writes one for each lane."""

DynamoHandler.batch_execute_statement = _batch_execute_statement  # type: ignore[method-assign, assignment]


def _binary(value: bytes) -> str:
    return base64.b64encode(value).decode()


_IMPLEMENTATIONS: dict[str, type[responses.BaseResponse]] = {
    "dynamodb": _PlainDynamo,
    "secretsmanager": SecretsManagerResponse,
    "sqs": SQSResponse,
}
"""Of the services that speak JSON and are asked most."""

_SERVICES = {"secrets-manager": "secretsmanager"}
"""Services that events call otherwise."""

_HOSTS = {f"https://{service}.{REGION}.amazonaws.com/" for service in _IMPLEMENTATIONS}


def answer(model: Any, params: dict[str, Any], **_: Any) -> Reply | None:
    """Listens to `before-call`: moto's answer, or None where botocore shall send the request."""
    if not botocore_stubber.enabled or params["url"] not in _HOSTS:
        return None
    status, headers, body = _implementation(model, params).call_action()
    sent = {"status_code": int(status), "headers": headers, "body": str(body).encode()}
    return Status(int(status)), _parsed(model, sent)


def respond(request: Any, event_name: str, context: dict[str, Any] | None = None, **_: Any) -> AWSResponse | None:
    """Listens to `before-send` of our own clients: moto's response, or None where moto shall get it as a request."""
    if not botocore_stubber.enabled or NOTED not in (context or {}) or request.url not in _HOSTS:
        return None
    service, operation = event_name.split(".")[1:]
    model = behind.session().get_service_model(_SERVICES.get(service, service)).operation_model(operation)
    told = {"url": request.url, "method": request.method, "headers": request.headers, "body": request.body}
    status, headers, content = _implementation(model, told).call_action()
    return AWSResponse(request.url, int(status), headers, MockRawResponse(str(content).encode()))


def _parsed(model: Any, sent: dict[str, Any]) -> dict[str, Any]:
    """As botocore reads it: of a refusal what all have first, then what its own kind has."""
    service = model.service_model
    parse = _parser(service.protocol).parse
    parsed: dict[str, Any] = parse(sent, model.output_shape)
    refused = service.shape_for_error_code(parsed["Error"]["Code"]) if "Error" in parsed else None
    return parsed | (parse(sent, refused) if refused else {})


def _implementation(model: Any, params: dict[str, Any]) -> responses.BaseResponse:
    """What answers one request, made ready as moto does with one that came over HTTP."""
    implementation = _IMPLEMENTATIONS[model.service_model.service_name]()
    implementation.body = params["body"]
    implementation.headers, implementation.response_headers = params["headers"], {}
    implementation.uri, implementation.path, implementation.method = params["url"], "/", params["method"]
    implementation.querystring, implementation.uri_match = {}, {}
    implementation.region, implementation.partition = REGION, "aws"
    implementation.current_account, implementation.access_key = ACCOUNT, "AKIAEXAMPLE"
    if implementation.automated_parameter_parsing:
        asked: Any = {"body": params["body"]}  # in these protocols, nothing else of a request is read
        implementation.params = PROTOCOL_PARSERS[model.service_model.protocol](model).parse(asked)
    return implementation


@cache
def _kinds(processor: Any) -> tuple[type, ...]:
    return tuple(processor._processing_map(processor.__new__(processor)))


@cache
def _parser(protocol: str) -> Any:
    return create_parser(protocol)


handlers.BUILTIN_HANDLERS.append(("before-call", answer, handlers.REGISTER_LAST))
handlers.BUILTIN_HANDLERS.append(("before-send", respond, handlers.REGISTER_FIRST))
Client.heard_always = True


def _keep_what_is_found(responses: Any, expressions: Any, nodes: Any) -> None:
    """Have moto keep what it finds anew for each request or node: the methods of a class, what an update's expression
    says (whose validator changes a copy of it), and the kinds of nodes that a processor is for."""
    responses.method_names_from_class = cache(responses.method_names_from_class)
    expressions.UpdateExpressionParser.make = cache(expressions.UpdateExpressionParser.make)
    nodes.DepthFirstTraverser.nodes_to_be_processed = lambda processor: _kinds(processor.__class__)


_keep_what_is_found(responses, expressions, ast_nodes)
