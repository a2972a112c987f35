"""A person's item, and what follows from its fields."""

from __future__ import annotations

import pytest

from chalicelib.accounts import model
from chalicelib.core.errors import Invalid
from chalicelib.profile.fields import SEEN_BY_OWNER
from tests.builders import a_person

pytestmark = pytest.mark.usefixtures("held_clock")


def test_a_new_person_holds_the_keys_they_are_found_by():
    person = a_person(id="U1", email="Ada@MATHS.example", name="Åda Lovelace", birthdate="1990-12-10")
    assert person["email_key"] == "ada@maths.example"
    assert person["name_key"] == "åda lovelace#U1"
    assert person["name_prefix"] == "åd"
    assert person["birthday"] == "12-10"
    assert person["age"] == 35
    assert person["version"] == 1


def test_what_is_not_given_is_left_out_so_that_indexes_stay_sparse():
    missing = {"email", "email_key", "name", "name_key", "name_prefix", "age", "birthdate", "birthday", "locale"}
    assert not missing & a_person().keys()


@pytest.mark.parametrize(("one", "other"), [("ＡＤＡ  L", "ada l"), ("Straße", "STRASSE"), ("E\u0301va", "éva")])
def test_names_are_found_in_any_spelling(one, other):
    assert model.folded_name(one) == model.folded_name(other)


def test_an_age_beside_a_birthdate_does_not_count():
    assert a_person(age=3, birthdate="1990-12-10")["age"] == 35


def test_the_next_version_loses_what_is_taken_away():
    person = a_person(name="Ada")
    following = model.changed(person, {"name": None, "age": 3})
    assert "name" not in following
    assert following["age"] == 3
    assert following["version"] == 2
    assert following["created_at"] == person["created_at"]


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
        ({"a": 1}, None, {}),
    ],
)
def test_attributes_are_patched_as_rfc_7396_says(target, patch, result):
    person = a_person(attributes=target)
    assert model.patched(person, {"attributes": patch}) == {"attributes": result}


def test_a_patch_that_grows_attributes_above_the_limit_is_refused():
    person = a_person(attributes={"a": "x" * 5000})
    with pytest.raises(Invalid, match="attributes: is above"):
        model.patched(person, {"attributes": {"b": "x" * 5000}})


def test_a_changed_name_changes_its_keys():
    changes = model.patched(a_person(id="U1", name="Ada"), {"name": "Grace"})
    assert changes == {"name": "Grace", "name_key": "grace#U1", "name_prefix": "gr"}
    assert model.patched(a_person(name="Ada"), {"name": None}) == dict.fromkeys(
        ("name", "name_key", "name_prefix")
    )


@pytest.mark.parametrize(
    ("before", "patch", "after"),
    [
        ({"age": 3}, {"age": 4}, {"age": 4, "birthdate": None, "birthday": None}),
        ({"age": 3}, {"age": None}, {"age": None, "birthdate": None, "birthday": None}),
        ({}, {"birthdate": "1990-12-10"}, {"age": 35, "birthdate": "1990-12-10", "birthday": "12-10"}),
        ({"birthdate": "1990-12-10"}, {"birthdate": None}, {"age": 35, "birthdate": None, "birthday": None}),
        (
            {"birthdate": "1990-12-10"},
            {"birthdate": None, "age": 9},
            {"age": 9, "birthdate": None, "birthday": None},
        ),
    ],
)
def test_ages_follow_birthdates(before, patch, after):
    assert model.patched(a_person(**before), patch) == after


@pytest.mark.parametrize("patch", [{"age": 9}, {"age": 9, "birthdate": "1991-01-01"}])
def test_an_age_cannot_be_set_against_a_birthdate(patch):
    with pytest.raises(Invalid, match="age: follows the birthdate"):
        model.patched(a_person(birthdate="1990-12-10"), patch)


def test_sessions_that_began_before_a_change_end_but_for_the_one_that_is_kept():
    person = a_person()
    following = model.changed(person, model.ended_sessions(person, kept="S1"))
    assert model.may_continue(following, "S1", person_version=1)
    assert not model.may_continue(following, "S2", person_version=1)
    assert model.may_continue(following, "S3", person_version=2)
    later = model.changed(following, model.ended_sessions(following))
    assert not model.may_continue(later, "S1", person_version=1)


@pytest.mark.parametrize("gone", [None, {"status": "disabled"}, {"status": "active", "deleted_at": "2026"}])
def test_nobody_goes_on_who_is_gone_or_disabled(gone):
    assert not model.may_continue(gone, "S1", person_version=1)


def test_a_person_is_shown_without_what_is_ours():
    shown = model.view(a_person(email="ada@maths.example", name="Ada", metadata={"plan": "free"}))
    assert set(shown) == set(SEEN_BY_OWNER)
    assert model.view(a_person(metadata={"plan": "free"}), with_metadata=True)["metadata"] == {"plan": "free"}
