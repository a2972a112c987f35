"""The error tree, and the problem document of each."""

from __future__ import annotations

import inspect
import re

import pytest
from pydantic import BaseModel, Field, ValidationError

from chalicelib.core import errors
from chalicelib.core.aws.dynamo import ConditionFailed, TransactionRefused
from chalicelib.core.errors import (
    FactorRequired,
    Invalid,
    Postponed,
    Refused,
    RollcallError,
    StepUpRequired,
    TooManyRequests,
    Transient,
    Unauthenticated,
)
from chalicelib.core.http.models import invalid
from chalicelib.core.http.problems import problem

TREE = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, RollcallError)]


def made(kind):
    examples = {
        Invalid: [[{"field": "name", "message": "is empty"}]],
        TooManyRequests: [30],
        FactorRequired: [["totp"]],
        StepUpRequired: [300],
        Postponed: [900],
    }
    return kind(*examples.get(kind, []))


@pytest.mark.parametrize("kind", TREE)
def test_each_error_is_in_the_drawn_tree_with_its_status(kind):
    drawing = inspect.getdoc(errors)
    line = next(line for line in drawing.splitlines() if re.search(rf"\b{kind.__name__}\b", line))
    drawn = re.search(r"\b(\d{3})\b", line)
    assert drawn is None or int(drawn[1]) == kind.status


@pytest.mark.parametrize("kind", TREE)
def test_each_error_is_a_problem_document(kind):
    error = made(kind)
    document = problem(error)
    assert document["status"] == kind.status
    assert document["title"] == kind.title
    assert document["detail"]
    assert ("errors" in document) == (kind is Invalid)


def test_what_is_refused_stays_refused_and_what_is_transient_does_not():
    assert not any(issubclass(kind, Refused) and issubclass(kind, Transient) for kind in TREE)
    assert all(400 <= kind.status < 500 for kind in TREE if issubclass(kind, Refused))


def test_headers_tell_when_and_how():
    assert TooManyRequests(0).headers == {"Retry-After": "1"}
    assert TooManyRequests(90).headers == {"Retry-After": "90"}
    assert Unauthenticated().headers == {"WWW-Authenticate": "Bearer"}


def test_invalid_names_every_wrong_field_and_no_value():
    class Inner(BaseModel):
        age: int = Field(le=150)

    class Outer(BaseModel):
        name: str
        inner: list[Inner]

    with pytest.raises(ValidationError) as met:
        Outer.model_validate({"name": 7, "inner": [{"age": 1}, {"age": "canary"}]})
    error = invalid(met.value)
    assert [entry["field"] for entry in error.errors] == ["name", "inner.1.age"]
    assert "canary" not in str(problem(error))


def test_a_failed_condition_says_what_it_met_to_the_code_and_not_to_the_asker():
    for error in (ConditionFailed({"email": "canary"}), TransactionRefused({"person": {"email": "canary"}})):
        assert "canary" not in str(problem(error))
        assert error.status == 409
