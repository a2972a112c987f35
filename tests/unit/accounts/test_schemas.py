"""What the routes take: every wrong field at once, and nothing that is not theirs to set."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chalicelib.accounts.schemas import NewRoles, NewUser, PersonPatch, ProfilePatch
from chalicelib.directory.schemas import DirectoryQuery
from tests.builders import PASSWORD


def test_every_wrong_field_is_named_at_once():
    with pytest.raises(ValidationError) as refused:
        NewUser.model_validate({"email": "no", "name": "", "age": "41", "password": "short", "admin": True})
    assert {str(error["loc"][0]) for error in refused.value.errors()} == {
        "email",
        "name",
        "age",
        "password",
        "admin",
    }


def test_a_password_of_the_registrants_own_words_is_refused():
    with pytest.raises(ValidationError, match="easily guessed"):
        NewUser(email="ada.lovelace@maths.example", password="ada.lovelace1815")
    assert NewUser(email="grace@maths.example", password=PASSWORD).password == PASSWORD


@pytest.mark.parametrize("model", [NewUser, ProfilePatch, PersonPatch, NewRoles])
@pytest.mark.parametrize("field", ["roles", "status", "email_verified", "metadata", "version", "id", "source"])
def test_nobody_sets_what_is_not_theirs_to_set(model, field):
    allowed = (model, field) in {(PersonPatch, "metadata"), (NewRoles, "roles")}
    with pytest.raises(ValidationError) as refused:
        model.model_validate({field: "x"})
    kinds = {error["type"] for error in refused.value.errors() if error["loc"][0] == field}
    assert ("extra_forbidden" in kinds) is not allowed


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"limit": 10},
        {"age": "41", "min_age": "3"},
        {"min_age": "4", "max_age": "3"},
        {"name": "a"},
        {"name": "  a "},
        {"email": "no"},
        {"age": "old"},
        {"age": "-1"},
        {"age": "41", "limit": "0"},
        {"age": "41", "limit": "201"},
        {"age": "41", "shoe_size": "44"},
    ],
)
def test_queries_that_no_index_answers_are_refused(query):
    with pytest.raises(ValidationError):
        DirectoryQuery.model_validate(query)


@pytest.mark.parametrize(
    "query", [{"age": "41"}, {"min_age": "3"}, {"name": "ad", "max_age": "9"}, {"name": "李小"}]
)
def test_queries_that_an_index_answers_are_taken(query):
    assert DirectoryQuery.model_validate(query)
