"""The OpenAPI document says what the routes' declarations say."""

from __future__ import annotations

import pytest
from chalice import Blueprint, Chalice
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from pydantic import BaseModel, Field

from chalicelib.about.openapi import document
from chalicelib.core.http.declarations import routes_of
from chalicelib.core.http.routing import (
    ADMIN,
    ANYONE,
    FORM,
    PATCHES,
    SIGNED_IN,
    ErrorFormat,
    ListQuery,
    Model,
    Reply,
    declares,
)

URL = "https://rollcall.example"

routes = Blueprint(__name__)


class NewPet(Model):
    name: str = Field(min_length=1)


class Pet(BaseModel):
    id: str
    name: str


@routes.route("/pets", methods=["GET", "HEAD"], content_types=[])
@declares(who=SIGNED_IN, query=ListQuery, answers={200: Pet})
def list_pets(request):
    """List my pets.

    In no order.
    """


@routes.route("/pets", methods=["POST"], content_types=[])
@declares(who=ADMIN, body=NewPet, answers={201: Pet}, idempotent=True)
def add_pet(request):
    """Add a pet."""


@routes.route("/pets/{pet_id}", methods=["PATCH"], content_types=[])
@declares(who=SIGNED_IN, body=NewPet, answers={200: Pet}, media_types=PATCHES)
def change_pet(request, pet_id):
    """Change a pet."""


@routes.route("/pets/{pet_id}", methods=["DELETE"], content_types=[])
@declares(who=SIGNED_IN, answers={204: None})
def remove_pet(request, pet_id):
    """Remove a pet."""


@routes.route("/token", methods=["POST"], content_types=[])
@declares(who=ANYONE, body=NewPet, answers={200: Pet}, media_types=(FORM,))
def make_token(request):
    """Make a token."""


class Woe(BaseModel):
    error: str


@routes.route("/other", methods=["POST"], content_types=[])
@declares(who=ANYONE, body=NewPet, answers={200: Pet}, errors=ErrorFormat(Woe, lambda error: Reply()))
def answer_otherwise(request):
    """Answer as another standard says."""


app = Chalice("pets", env={})
app.register_blueprint(routes)
SERVED = routes_of(app)


@pytest.fixture(scope="module")
def api():
    return document(SERVED, URL)


def operation(api, method, path):
    return api["paths"][path][method]


@pytest.mark.slow
def test_it_is_valid_and_names_its_server(api):
    validate(api, cls=OpenAPIV31SpecValidator)
    assert api["servers"] == [{"url": URL}]


def test_every_declared_route_is_there_under_a_name_of_its_own(api):
    found = {(method.upper(), path) for path, methods in api["paths"].items() for method in methods}
    assert found == {(route.method, route.path) for route in SERVED}
    names = [entry["operationId"] for methods in api["paths"].values() for entry in methods.values()]
    assert len(names) == len(set(names)) == 6


def test_the_docstring_is_the_summary_and_the_description(api):
    listed = operation(api, "get", "/pets")
    assert listed["summary"] == "List my pets."
    assert listed["description"] == "In no order.\n\nFor anyone signed in."


@pytest.mark.parametrize(
    ("method", "path", "security", "who"),
    [
        ("get", "/pets", [{"bearer": []}], "For anyone signed in."),
        ("post", "/pets", [{"bearer": []}], "For the roles: admin."),
        ("post", "/token", [], "Open to anyone."),
    ],
)
def test_it_says_who_may_call(api, method, path, security, who):
    described = operation(api, method, path)
    assert described["security"] == security
    assert who in described["description"]


def test_parameters_are_those_of_path_query_and_headers(api):
    def names(method, path):
        return [(p["in"], p["name"], p["required"]) for p in operation(api, method, path)["parameters"]]

    assert names("get", "/pets") == [("query", "limit", False), ("query", "cursor", False)]
    assert names("post", "/pets") == [("header", "Idempotency-Key", False)]
    assert names("patch", "/pets/{pet_id}") == [("path", "pet_id", True), ("header", "If-Match", False)]
    limit, cursor = operation(api, "get", "/pets")["parameters"]
    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}
    assert cursor["schema"] == {"type": "string"}


def test_bodies_and_answers_are_the_declared_models(api):
    added = operation(api, "post", "/pets")
    assert added["requestBody"]["content"] == {
        "application/json": {"schema": {"$ref": "#/components/schemas/NewPet"}}
    }
    assert added["responses"]["201"]["content"] == {
        "application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}
    }
    assert api["components"]["schemas"]["NewPet"]["properties"]["name"]["minLength"] == 1
    assert list(operation(api, "patch", "/pets/{pet_id}")["requestBody"]["content"]) == [
        "application/merge-patch+json",
        "application/json",
    ]
    assert list(operation(api, "post", "/token")["requestBody"]["content"]) == [FORM]


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("get", "/pets", "200 401 422 default"),
        ("post", "/pets", "201 400 401 403 409 413 415 422 default"),
        ("patch", "/pets/{pet_id}", "200 400 401 404 412 413 415 422 default"),
        ("delete", "/pets/{pet_id}", "204 401 404 412 default"),
        ("post", "/token", "200 400 413 415 422 429 default"),
    ],
)
def test_expected_errors_are_problem_documents(api, method, path, statuses):
    responses = operation(api, method, path)["responses"]
    assert " ".join(responses) == statuses
    for status, response in responses.items():
        if status == "default" or status >= "4":
            name = response["$ref"].rpartition("/")[2]
            assert list(api["components"]["responses"][name]["content"]) == ["application/problem+json"]


def test_a_route_with_errors_of_its_own_says_so(api):
    responses = operation(api, "post", "/other")["responses"]
    assert list(responses) == ["200", "default"]
    assert responses["default"]["content"] == {
        "application/json": {"schema": {"$ref": "#/components/schemas/Woe"}}
    }


def test_queries_are_parameters_and_no_models(api):
    assert set(api["components"]["schemas"]) == {"NewPet", "Pet", "Problem", "Woe", "WrongField"}
