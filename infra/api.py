"""What the packaged template adds to the REST API that Chalice makes: throttling, traces, and errors that API Gateway
itself answers, as problem documents with CORS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chalicelib.core.http.security_headers import SECURITY_HEADERS
from infra import optional, options

if TYPE_CHECKING:
    from infra.stage import Stage

GATEWAY_ERRORS: dict[str, tuple[int | None, str]] = {
    "ACCESS_DENIED": (403, "Not allowed"),
    "API_CONFIGURATION_ERROR": (500, "Internal error"),
    "AUTHORIZER_CONFIGURATION_ERROR": (500, "Internal error"),
    "AUTHORIZER_FAILURE": (500, "Internal error"),
    "BAD_REQUEST_BODY": (400, "Malformed request"),
    "BAD_REQUEST_PARAMETERS": (400, "Malformed request"),
    # Whatever has no type of its own keeps the status that it has.
    "DEFAULT_4XX": (None, "Refused"),
    "DEFAULT_5XX": (None, "Internal error"),
    "EXPIRED_TOKEN": (403, "Not allowed"),
    "INTEGRATION_FAILURE": (504, "No answer in time"),
    "INTEGRATION_TIMEOUT": (504, "No answer in time"),
    "INVALID_API_KEY": (403, "Not allowed"),
    "INVALID_SIGNATURE": (403, "Not allowed"),
    # What API Gateway calls it when the path or method is unknown.
    "MISSING_AUTHENTICATION_TOKEN": (404, "Not found"),
    "QUOTA_EXCEEDED": (429, "Too many requests"),
    "REQUEST_TOO_LARGE": (413, "Too large"),
    "RESOURCE_NOT_FOUND": (404, "Not found"),
    "THROTTLED": (429, "Too many requests"),
    "UNAUTHORIZED": (401, "Not signed in"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "Unsupported media type"),
    "WAF_FILTERED": (403, "Not allowed"),
}
"""Every type there is: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html"""


def overrides(stage: Stage) -> dict[str, Any]:
    """What to merge into the template's `RestAPI`."""
    return {
        "Properties": {
            **optional.of_api(stage),
            "Name": stage.names.api,
            # Chalice writes Swagger 2.0. Where this is said, SAM makes no second stage, `Stage`, which would be public
            # and know no throttle: https://github.com/aws/serverless-application-model/issues/191
            "OpenApiVersion": "2.0",
            "TracingEnabled": True,
            # Without MetricsEnabled, which would be paid by the method: those by API and stage are free, and are what
            # alarms and dashboard look at.
            # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
            "MethodSettings": [
                {
                    "ResourcePath": "/*",
                    "HttpMethod": "*",
                    **options.throttle(stage),
                }
            ],
            "DefinitionBody": {
                "info": {"title": stage.names.api, **options.api_info(stage)},
                "x-amazon-apigateway-gateway-responses": {
                    kind: _gateway_error(stage, status, title) for kind, (status, title) in GATEWAY_ERRORS.items()
                },
            },
        }
    }


def _gateway_error(stage: Stage, status: int | None, title: str) -> dict[str, Any]:
    """Without a status, the document has none either: a template cannot ask which one it is."""
    document: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": title}
    headers = {
        "Content-Type": "application/problem+json",
        "X-Request-Id": "$context.requestId",
        "Cache-Control": "no-store",
        **SECURITY_HEADERS,
    }
    if status == 429:
        headers["Retry-After"] = "1"
    if stage.origins:
        # A gateway response cannot look at the request's origin, so it names the first one.
        headers["Access-Control-Allow-Origin"] = stage.origins[0]
        headers["Access-Control-Allow-Credentials"] = "true"
        headers["Access-Control-Expose-Headers"] = "X-Request-Id, Retry-After"
        headers["Vary"] = "Origin"
    return {
        **({"statusCode": str(status)} if status else {}),
        "responseParameters": {
            f"gatewayresponse.header.{name}": value.removeprefix("$") if value.startswith("$") else f"'{value}'"
            for name, value in headers.items()
        },
        "responseTemplates": {
            "application/json": json.dumps({key: value for key, value in document.items() if value is not None})
        },
    }
