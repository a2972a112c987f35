"""Rules for the REST API: one stage, a response for each error of API Gateway's own, and no metrics that are paid for
each method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools.template_rules.findings import Finding, Template

GATEWAY_RESPONSES = {
    "ACCESS_DENIED": 403,
    "API_CONFIGURATION_ERROR": 500,
    "AUTHORIZER_CONFIGURATION_ERROR": 500,
    "AUTHORIZER_FAILURE": 500,
    "BAD_REQUEST_BODY": 400,
    "BAD_REQUEST_PARAMETERS": 400,
    "DEFAULT_4XX": None,
    "DEFAULT_5XX": None,
    "EXPIRED_TOKEN": 403,
    "INTEGRATION_FAILURE": 504,
    "INTEGRATION_TIMEOUT": 504,
    "INVALID_API_KEY": 403,
    "INVALID_SIGNATURE": 403,
    "MISSING_AUTHENTICATION_TOKEN": 403,
    "QUOTA_EXCEEDED": 429,
    "REQUEST_TOO_LARGE": 413,
    "RESOURCE_NOT_FOUND": 404,
    "THROTTLED": 429,
    "UNAUTHORIZED": 401,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "WAF_FILTERED": 403,
}
"""Every type of gateway response, with its default status. An error without a type of its own has one of the two
default types, and any status: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html"""

NODES = 300
"""The most parts of paths, of which each is a resource of the API: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html"""

EXTENSION = "x-amazon-apigateway-gateway-responses"


def faults(template: Template) -> list[Finding]:
    """More or fewer than one stage, gateway responses that are missing or set a status for a default type, and detailed
    metrics."""
    resources: dict[str, Any] = template["Resources"]
    findings: list[Finding] = []
    by_kind = {
        kind: _resources_of_kind(resources, f"AWS::ApiGateway::{kind}")
        for kind in ("RestApi", "Stage", "Deployment")
    }
    stages = [resource["Properties"].get("StageName") for resource in by_kind["Stage"].values()]
    # A deployment that names a stage creates it.
    stages += [
        deployment["Properties"]["StageName"]
        for deployment in by_kind["Deployment"].values()
        if "StageName" in deployment["Properties"]
    ]
    if by_kind["RestApi"] and len(stages) != 1:
        findings.append(("API_STAGES", "", f"the API has the stages {stages}, not one"))
    for name, api in by_kind["RestApi"].items():
        body = api["Properties"].get("Body", {})
        findings += [("GATEWAY_RESPONSE", f"{name}/{kind}", fault) for kind, fault in _response_faults(body)]
        if (nodes := _nodes(body.get("paths", {}))) > NODES:
            findings.append(("SIZE", name, f"the API has {nodes} resources, above {NODES}"))
        if "openapi" in body:
            findings.append(("OPENAPI", name, "Chalice writes Swagger 2.0, and the extensions of that"))
    return findings + _detailed_metrics(resources)


def _detailed_metrics(resources: dict[str, Any]) -> list[Finding]:
    """Stages whose methods or routes each have metrics of their own: with five metrics at $0.30 a month for each that
    is called, a large API pays more for them than for everything else. Those by API and stage are free:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html"""
    findings: list[Finding] = []
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        settings = [
            *properties.get("MethodSettings", []),
            properties.get("DefaultRouteSettings", {}),
            *properties.get("RouteSettings", {}).values(),
        ]
        if any(setting.get("MetricsEnabled") or setting.get("DetailedMetricsEnabled") for setting in settings):
            findings.append(("DETAILED_METRICS", name, "pays for metrics of each method"))
    return findings


def _resources_of_kind(resources: dict[str, Any], kind: str) -> dict[str, Any]:
    return {name: resource for name, resource in resources.items() if resource["Type"] == kind}


def _nodes(paths: dict[str, Any]) -> int:
    parts = [path.strip("/").split("/") for path in paths]
    return len({tuple(path_parts[: end + 1]) for path_parts in parts for end in range(len(path_parts))})


def _response_faults(body: dict[str, Any]) -> list[tuple[str, str]]:
    responses: dict[str, Any] = body.get(EXTENSION, {})
    kind_faults = [(kind, "has no response of its own") for kind in GATEWAY_RESPONSES.keys() - responses.keys()]
    kind_faults += [(kind, "is no type of API Gateway's") for kind in responses.keys() - GATEWAY_RESPONSES.keys()]
    for kind, response in responses.items():
        if kind.startswith("DEFAULT_") and "statusCode" in response:
            kind_faults.append((kind, "gives its status to every error of its class"))
        if "application/json" not in response.get("responseTemplates", {}):
            kind_faults.append(
                (kind, "has no body: API Gateway takes the template of application/json by default")
            )
    return sorted(kind_faults)
