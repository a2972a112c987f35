"""One stage, and every error that API Gateway makes by itself is a problem document."""

from __future__ import annotations

import json

import pytest

from infra import api
from infra.stage import Stage
from tests.unit.tools.template_rules.broken import checks, resource, said, template
from tools.template_rules.api import EXTENSION, GATEWAY_RESPONSES

STAGE = Stage("prod", {"ALLOWED_ORIGINS": "https://app.example, https://other.example"})
GIVEN = api.overrides(STAGE)["Properties"]["DefinitionBody"][EXTENSION]


def rest(responses, *more, **resources):
    """An API with these gateway responses and one stage."""
    body = {"swagger": "2.0", EXTENSION: responses, **dict(more)}
    made = {
        "Api": resource("ApiGateway::RestApi", Body=body),
        "Made": resource("ApiGateway::Deployment", RestApiId={"Ref": "Api"}),
        "Stage": resource("ApiGateway::Stage", StageName="api", RestApiId={"Ref": "Api"}),
    }
    return template(**{**made, **resources})


def test_ours_has_all_that_are_documented():
    assert GIVEN.keys() == GATEWAY_RESPONSES.keys()
    assert checks(rest(GIVEN)) == []


@pytest.mark.parametrize("kind", GATEWAY_RESPONSES)
def test_each_is_a_problem_document_with_cors(kind):
    response = GIVEN[kind]
    headers = {
        name.removeprefix("gatewayresponse.header."): value
        for name, value in response["responseParameters"].items()
    }
    assert headers["Content-Type"] == "'application/problem+json'"
    assert headers["X-Request-Id"] == "context.requestId"
    assert headers["Access-Control-Allow-Origin"] == "'https://app.example'"
    assert headers["Access-Control-Allow-Credentials"] == "'true'"
    assert headers["Vary"] == "'Origin'"
    document = json.loads(response["responseTemplates"]["application/json"])
    assert document.keys() >= {"type", "title", "detail"}
    assert str(document.get("status", "")) == response.get("statusCode", "")


@pytest.mark.parametrize("kind", GATEWAY_RESPONSES)
def test_each_keeps_its_status_but_for_what_is_not_found(kind):
    wanted = 404 if kind == "MISSING_AUTHENTICATION_TOKEN" else GATEWAY_RESPONSES[kind]
    assert GIVEN[kind].get("statusCode") == (str(wanted) if wanted else None)


@pytest.mark.parametrize("kind", GATEWAY_RESPONSES)
def test_one_that_is_missing_is_found(kind):
    assert said(rest({name: value for name, value in GIVEN.items() if name != kind})) == [
        "has no response of its own"
    ]


def test_one_that_there_is_not_is_found():
    assert said(rest({**GIVEN, "TEAPOT": GIVEN["THROTTLED"]})) == ["is no type of API Gateway's"]


def test_a_default_that_gives_its_status_to_all_is_found():
    given = {**GIVEN, "DEFAULT_4XX": {**GIVEN["DEFAULT_4XX"], "statusCode": "400"}}
    assert said(rest(given)) == ["gives its status to every error of its class"]


def test_an_empty_one_is_found():
    assert checks(rest({**GIVEN, "THROTTLED": {}})) == ["GATEWAY_RESPONSE"]


@pytest.mark.parametrize(
    "more",
    [
        {"Made": resource("ApiGateway::Deployment", RestApiId={"Ref": "Api"}, StageName="Stage")},
        {"Other": resource("ApiGateway::Stage", StageName="other", RestApiId={"Ref": "Api"})},
        {"Stage": resource("CloudFormation::WaitConditionHandle")},
    ],
)
def test_a_stage_beside_the_one_is_found_and_none(more):
    assert checks(rest(GIVEN, **more)) == ["API_STAGES"]


def test_openapi_3_is_found():
    assert checks(rest(GIVEN, ("openapi", "3.0.1"))) == ["OPENAPI"]


def test_an_api_of_too_many_parts_of_paths_is_found():
    paths = {f"/things/{number}/parts": {} for number in range(150)}
    assert said(rest(GIVEN, ("paths", paths))) == ["the API has 301 resources, above 300"]


@pytest.mark.parametrize(
    "paying",
    [
        resource("ApiGateway::Stage", StageName="api", MethodSettings=[{"MetricsEnabled": True}]),
        resource(
            "Serverless::Api", StageName="api", MethodSettings=[{"ResourcePath": "/*", "MetricsEnabled": True}]
        ),
        resource("ApiGatewayV2::Stage", DefaultRouteSettings={"DetailedMetricsEnabled": True}),
        resource("ApiGatewayV2::Stage", RouteSettings={"GET /me": {"DetailedMetricsEnabled": True}}),
    ],
)
def test_metrics_that_are_paid_by_the_method_are_found(paying):
    assert "DETAILED_METRICS" in checks(template(Stage=paying))


def test_ours_has_the_free_metrics():
    settings = api.overrides(STAGE)["Properties"]["MethodSettings"]
    assert "DETAILED_METRICS" not in checks(template(Stage=resource("ApiGateway::Stage", MethodSettings=settings)))
