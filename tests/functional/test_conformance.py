"""The comparison of answers with their declarations, which every functional test makes, can fail."""

from __future__ import annotations

import pytest
from chalice import Blueprint
from pydantic import BaseModel

from chalicelib.core.http.routing import ANYONE, AnyQuery, ErrorFormat, Reply, declares
from tests.functional.apps import ApiClient

ROUTES = Blueprint(__name__)


class Inner(BaseModel):
    size: int


class Thing(BaseModel):
    name: str
    note: str | None = None
    inner: list[Inner]


class Woe(BaseModel):
    woe: str


GOOD = {"name": "lamp", "inner": [{"size": 1}]}
ANSWERS = {
    "good": Reply(GOOD),
    "none": Reply(status=204),
    "an ETag": Reply(GOOD, version=1),
    "undeclared status": Reply(GOOD, status=201),
    "missing member": Reply({"inner": []}),
    "member too many": Reply({**GOOD, "colour": "red"}),
    "member too many within": Reply({**GOOD, "inner": [{"size": 1, "colour": "red"}]}),
    "another type": Reply({**GOOD, "name": 1}),
    "a body where none is declared": Reply(GOOD, status=204),
    "another media type": Reply("<p>", media_type="text/html"),
}


@ROUTES.route("/things/{which}", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=AnyQuery, answers={200: Thing, 204: None})
def answer(_request, which):
    """Answer."""
    return ANSWERS[which]


@ROUTES.route("/woes", methods=["GET", "HEAD"], content_types=[])
@declares(
    who=ANYONE,
    query=AnyQuery,
    answers={204: None},
    errors=ErrorFormat(Woe, lambda error: Reply({"title": error.title}, error.status)),
)
def fail(_request):
    """Fail."""
    raise KeyError


def call(which: str) -> int:
    return ApiClient(ROUTES).call("GET", f"/things/{which.replace(' ', '%20')}").status


@pytest.mark.parametrize(("which", "status"), [("good", 200), ("none", 204), ("unknown", 500)])
def test_what_is_declared_passes(which, status):
    assert call(which) == status
    assert ApiClient(ROUTES).call("HEAD", f"/things/{which}").status == status


@pytest.mark.parametrize("which", [which for which in ANSWERS if which not in {"good", "none"}])
def test_what_is_not_declared_fails(which):
    with pytest.raises(AssertionError):
        call(which)


def test_an_error_of_another_format_than_declared_fails():
    with pytest.raises(AssertionError):
        ApiClient(ROUTES).call("GET", "/woes")
