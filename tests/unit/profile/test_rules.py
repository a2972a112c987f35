"""What each field of a person may be."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.profile import check_fields
from chalicelib.profile.rules import AGE_LIMIT, JSON_DEPTH, JSON_LIMIT, age_on, roles


def deep(levels: int) -> dict:
    value: dict = {}
    for _ in range(levels):
        value = {"in": value}
    return value


KEPT = [
    ("id", "01HZY", "01HZY"),
    ("id", "auth0|5f7", "auth0|5f7"),
    ("email", "Ada@MATHS.example", "Ada@maths.example"),
    ("name", "  Ada \u00a0 Lovelace ", "Ada Lovelace"),
    ("name", "Jose\u0301", "Jos\u00e9"),
    ("name", "李", "李"),
    ("age", 0, 0),
    ("age", AGE_LIMIT, AGE_LIMIT),
    ("birthdate", "2024-02-29", "2024-02-29"),
    ("birthdate", "2026-03-01", "2026-03-01"),
    ("locale", "pt_BR", "pt-BR"),
    ("locale", "zh-Hant-TW", "zh-Hant-TW"),
    (
        "attributes",
        {"a": [1, 2.5, None, True, {"b": "\U0001f600"}]},
        {"a": [1, 2.5, None, True, {"b": "\U0001f600"}]},
    ),
    ("attributes", {"n": 10**37}, {"n": 10**37}),
    ("metadata", {}, {}),
    ("email_verified", False, False),
]
REFUSED = [
    ("id", ""),
    ("id", "a/b"),
    ("id", "a#b"),
    ("id", "a:b"),
    ("id", "ada@maths.example"),
    ("id", ".hidden"),
    ("id", "a" * 129),
    ("id", 7),
    ("email", "ada"),
    ("name", ""),
    ("name", "   "),
    ("name", "a" * 201),
    ("name", "a\x00b"),
    ("name", "a\tb"),
    ("name", "a\u202eb"),
    ("name", "\ud800"),
    ("name", 7),
    ("age", -1),
    ("age", AGE_LIMIT + 1),
    ("age", True),
    ("age", 41.0),
    ("age", "41"),
    ("birthdate", "2026-03-02"),
    ("birthdate", "2023-02-29"),
    ("birthdate", "1800-01-01"),
    ("birthdate", "20200101"),
    ("birthdate", "2020-1-1"),
    ("birthdate", 20200101),
    ("locale", "e"),
    ("locale", "en-"),
    ("locale", "../etc"),
    ("attributes", []),
    ("attributes", {"": 1}),
    ("attributes", {"a": float("nan")}),
    ("attributes", {"a": float("inf")}),
    ("attributes", {"a": 1e126}),
    ("attributes", {"a": 1e-140}),
    ("attributes", {"a": 10**38}),
    ("attributes", {"a": "\ud800"}),
    ("attributes", {"a": "x" * JSON_LIMIT}),
    ("attributes", deep(JSON_DEPTH + 1)),
    ("metadata", "x"),
    ("email_verified", "yes"),
]


@pytest.mark.usefixtures("held_clock")
@pytest.mark.parametrize(("field", "given", "kept"), KEPT)
def test_what_is_allowed_is_kept_in_one_form(field, given, kept):
    assert check_fields({field: given}) == ({field: kept}, [])


@pytest.mark.usefixtures("held_clock")
@pytest.mark.parametrize(("field", "value"), REFUSED)
def test_what_is_not_allowed_is_named(field, value):
    clean, errors = check_fields({field: value})
    assert clean == {}
    assert [error["field"] for error in errors] == [field]


def test_every_wrong_field_is_named_at_once_and_the_good_ones_are_kept():
    clean, errors = check_fields({"email": "no", "age": -1, "name": "Ada", "locale": None, "unheard": 1})
    assert clean == {"name": "Ada"}
    assert {error["field"] for error in errors} == {"email", "age"}


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("2000-02-29", "2001-02-27", 0),
        ("2000-02-29", "2001-02-28", 1),
        ("2000-02-29", "2004-02-28", 3),
        ("2000-02-29", "2004-02-29", 4),
        ("2000-12-31", "2001-12-30", 0),
        ("2000-12-31", "2001-12-31", 1),
        ("2000-01-01", "2000-01-01", 0),
    ],
)
def test_an_age_grows_on_the_birthday(born, day, age):
    assert age_on(date.fromisoformat(born), date.fromisoformat(day)) == age


@given(st.dates(date(1900, 1, 1), date(2020, 1, 1)), st.integers(0, 40_000))
def test_an_age_grows_by_one_once_a_year(born, days):
    day = born + timedelta(days=days)
    year_later = day.replace(year=day.year + 1, day=min(day.day, 28))
    assert age_on(born, day + timedelta(days=1)) - age_on(born, day) in {0, 1}
    assert age_on(born, year_later) - age_on(born, day.replace(day=min(day.day, 28))) == 1


def test_roles_are_a_set_in_order():
    assert roles(["support", "admin", "admin"]) == ["admin", "support"]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        *((value, "must be a list of 20 roles at most") for value in ("admin", ["x"] * 21, None)),
        *((value, "a role is 1 to 32 lower-case letters") for value in (["Admin"], [""], ["a b"], [1])),
    ],
)
def test_what_is_no_list_of_roles_is_refused(value, reason):
    with pytest.raises(ValueError, match=reason):
        roles(value)
