"""Health, the OpenAPI document and the docs, as anyone reads them."""

from __future__ import annotations

import json
import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from app import app
from chalicelib.about import VERSION
from chalicelib.about.routes import about as routes
from chalicelib.core.aws import telemetry
from chalicelib.core.http.declarations import routes_of
from chalicelib.events.routes import events
from chalicelib.insights.routes import insights
from chalicelib.web import html
from chalicelib.web.routes import web
from tests.functional.apps import ApiClient


@pytest.fixture
def api():
    return ApiClient(events, insights, routes, web)


@pytest.fixture
def whole(chalice_client):
    """The whole app."""
    return chalice_client.http


PACKAGE = Path(__file__).parents[2] / "chalicelib"


class Reader(HTMLParser):
    """Reads a page as a browser would: what it names, where it points, what it loads, and whether tags match."""

    VOID = frozenset({"meta", "link", "br", "img", "input", "hr"})

    def __init__(self, html):
        super().__init__()
        self.ids, self.links, self.tags, self.open, self.loads, self.tried = [], [], [], [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.tags.append(tag)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if "href" in given else []
        self.loads += [
            given[name] for name in given if name in {"src", "srcset", "action"} or name.startswith("on")
        ]
        self.tried += [given] if given.get("class") == "try" else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_health_says_stage_and_version_to_anyone_without_a_call(api):
    with telemetry.recording() as seen:
        answer = api.call("GET", "/health")
    assert (answer.status, answer.body) == (200, {"status": "ok", "stage": "test", "version": VERSION})
    assert seen.names == []


def test_the_version_is_the_project_s():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION


@pytest.mark.slow
def test_the_openapi_document_is_valid_and_has_every_route(api):
    answer = api.call("GET", "/openapi.json")
    assert answer.status == 200
    validate(answer.body, cls=OpenAPIV31SpecValidator)
    found = {(method.upper(), path) for path, methods in answer.body["paths"].items() for method in methods}
    assert found == {(route.method, route.path) for route in routes_of(app)}


@pytest.mark.slow
def test_the_docs_need_nothing_but_themselves(api):
    answer = api.call("GET", "/docs")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    page = Reader(answer.body)
    assert page.open == []
    loaded = [*page.loads, *(link for link in page.links if link.startswith("assets/"))]
    assert len(loaded) == 3
    for path in loaded:
        assert api.call("GET", f"/{path}").status == 200
    assert not {"img", "iframe", "style"} & set(page.tags)
    others = [link for link in page.links if not link.startswith(("#", "assets/"))]
    assert others == ["https://rollcall.example/openapi.json"]


@pytest.mark.slow
def test_the_docs_keep_to_the_policy_of_pages(api):
    answer = api.call("GET", "/docs")
    assert answer.headers["Content-Security-Policy"] == html.headers("docs")["Content-Security-Policy"]
    assert "style=" not in answer.body


@pytest.mark.slow
def test_every_route_can_be_tried_with_a_body_that_its_schema_takes(whole):
    document = whole.get("/openapi.json").json_body
    tried = {
        (given["data-method"], given["data-path"]): given
        for given in Reader(whole.get("/docs").body.decode()).tried
    }
    assert tried.keys() == {(route.method, route.path) for route in routes_of(app)}
    registry = Registry().with_resource("urn:api", Resource(document, DRAFT202012))
    for (method, path), given in tried.items():
        example = json.loads(given["data-with"])
        operation = document["paths"][path][method.lower()]
        assert example["token"] == bool(operation.get("security"))
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            if media_type == example["type"]:
                schema = json.loads(json.dumps(content["schema"]).replace('"#/', '"urn:api#/'))
                Draft202012Validator(schema, registry=registry).validate(example["body"])


@pytest.mark.slow
def test_the_docs_can_be_walked(api):
    answer = api.call("GET", "/docs")
    page = Reader(answer.body)
    assert len(page.ids) == len(set(page.ids))
    assert [link for link in page.links if link.startswith("#") and link[1:] not in page.ids] == []
    assert answer.body.startswith("<!doctype html>")
    assert '<html lang="en">' in answer.body
    assert page.tags.count("h1") == page.tags.count("main") == page.tags.count("nav") == 1
    assert page.tags.count("caption") == page.tags.count("table") > 3


@pytest.mark.slow
def test_the_docs_name_every_route_and_field(api):
    text = re.sub(r"<[^>]+>", "", api.call("GET", "/docs").body)
    for route in routes_of(app):
        assert route.path in text
        assert route.declaration.summary.replace("`", "").replace("'", "&#39;") in text
    assert "reconciled" in text
    assert "unless given 50" in text


@pytest.mark.slow
def test_the_whole_app_describes_itself(whole):
    response = whole.get("/openapi.json")
    assert response.status_code == 200
    validate(response.json_body, cls=OpenAPIV31SpecValidator)
    names = [
        entry["operationId"] for methods in response.json_body["paths"].values() for entry in methods.values()
    ]
    assert len(names) == len(set(names)) > 40
    page = Reader(whole.get("/docs").body.decode())
    assert len(page.ids) == len(set(page.ids))
    assert [link for link in page.links if link.startswith("#") and link[1:] not in page.ids] == []


@pytest.mark.slow
def test_operations_are_named_after_the_folder_that_declares_them(whole):
    document = whole.get("/openapi.json").json_body
    folders = {path.parent.name for path in PACKAGE.rglob("__init__.py")}
    assert {tag["name"] for tag in document["tags"]} <= folders
    for operation in (operation for methods in document["paths"].values() for operation in methods.values()):
        (tag,) = operation["tags"]
        assert re.fullmatch(rf"{tag}_\w+", operation["operationId"])


@pytest.mark.slow
def test_paths_name_their_variable_parts_alike(whole):
    """API Gateway refuses two variable parts of different names at one place."""
    names: dict[str, set[str]] = {}
    for path in whole.get("/openapi.json").json_body["paths"]:
        parts = path.split("/")
        for position, part in enumerate(parts):
            if part.startswith("{"):
                place = re.sub(r"{\w+}", "{}", "/".join(parts[:position]))
                names.setdefault(place, set()).add(part)
    assert {place: found for place, found in names.items() if len(found) > 1} == {}
