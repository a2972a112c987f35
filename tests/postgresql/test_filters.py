"""Filters over a real PostgreSQL: they mean the people whom Python says they mean, and no text is ever SQL."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.core.errors import Invalid
from chalicelib.read_model.filters import parse, to_sql
from chalicelib.read_model.filters.fields import Kind, fields_for
from chalicelib.read_model.filters.tree import quoted
from tests.postgresql.people import NOW, a_person, means, store
from tests.unit.docs.test_searching import EXAMPLES

ADMIN = ("admin",)

PEOPLE = [
    a_person(1, name="Ada Lovelace", age=36, birthdate="1989-12-10", roles=["admin"], email_verified=True,
             attributes={"plan": "pro", "score": 10, "tags": ["vip", "beta"], "address": {"city": "Osaka"}},
             metadata={"tier": 1}, signed_in_at="2026-06-29T23:59:59.000Z", items=["cart"], segments={"vip": None}),
    a_person(2, name="\u00c9lodie Durand", age=18, locale="fr", attributes={"plan": "PRO", "score": 10.5, "beta": True},
             identities=[{"id": "I1", "connection": "google", "linked_at": "2026-01-02T00:00:00.000Z"}],
             created_at="2026-06-30T11:59:59.999Z"),
    a_person(3, name="\u5c71\u7530\u592a\u90ce", locale="ja", attributes={"plan": None, "score": "10"},
             status="disabled", segments={"vip": "2026-02-01T00:00:00.000Z", "old": None}, source="import"),
    a_person(4, name=None, email="Bo.O'Neil@M\u00fcnchen.example", age=0, roles=["support", "admin"],
             terms_version="2026-01"),
    a_person(5, name="100%_sure\\", email=None, age=150, birthdate="2026-06-30",
             metadata={"tier": "1", "a.b": {'"': 1}}),
    a_person(6, name="ADA", email="ada@d.example", attributes={"address": "Osaka", "tags": "vip", "0": "zero"},
             items=["settings", "cart"], signed_in_at="2026-06-30T00:00:00.000Z",
             terms_accepted_at="2026-03-31T12:00:00.000Z"),
    a_person(7, name="a b", attributes={"plan": "free", "until": "2026-06-30T11:00:00.000Z", "n": -3},
             created_at="2026-06-23T12:00:00.000Z", updated_at="2026-06-30T12:00:00.000Z", version=12,
             identities=[{"id": "I2", "connection": "okta"}]),
]  # fmt: skip

WORDS = ["ada", "ADA love", "\u00e9lo", "\u5c71", "\u592a\u90ce", "osaka", "a", "b", "o'neil", "100%", "_sure", "\\",
         "example", "acme", "vip", "pro", "Pro", "google", "cart", "admin", "fr", "2026-01", "M\u00dcN", "@d", "old",
         "10", "zero", "acme.example", "o.o'neil", "neil@m\u00fcnchen.ex", "d.example", "ada.", ".exa"]  # fmt: skip
TIMES = ["now", "-7d", "-3mo", "+1h", "-12h", "2026-06-30", "2026-06-29", "2026-06-30T11:59:59.999Z", "2026-01-01"]
PATHS = [
    "plan",
    "score",
    "tags",
    "beta",
    "address",
    "address.city",
    "tier",
    '"a.b"."\\""',
    "until",
    "n",
    '"0"',
    "tags.0",
]
JSON = ["10", "10.5", "-3", '"10"', "1", '"1"', "true", "false", "null", "now", *map(quoted, WORDS)]
NUMBERS = ["-1", "0", "1", "12", "18", "36", "150", "999999999999"]

VALUES = {
    Kind.FOLDED: WORDS,
    Kind.TEXT: [*WORDS, "U003", "m\u00fcnchen.example"],
    Kind.NUMBER: NUMBERS,
    Kind.TRUTH: ["true", "false"],
    Kind.DATE: [time for time in TIMES if "T" not in time],
    Kind.TIME: TIMES,
    Kind.LIST: WORDS,
    Kind.LINK: WORDS,
    Kind.JSON: JSON,
}


@st.composite
def comparisons(draw):
    """A comparison that can be read, or nearly so."""
    field = draw(st.sampled_from(list(fields_for(ADMIN).values())))
    name = field.name + ("." + draw(st.sampled_from(PATHS)) if field.kind is Kind.JSON else "")
    value = st.sampled_from(VALUES.get(field.kind, field.choices) or field.choices).map(
        lambda text: text if field.kind is Kind.JSON else quoted(text)
    )
    null = st.just("null")
    match draw(st.sampled_from(["one", "null", "list", "range"])):
        case "one":
            return f"{name} {draw(st.sampled_from(['=', '!=', '<', '<=', '>', '>=', ':', '~']))} {draw(value)}"
        case "null":
            return f"{name} {draw(st.sampled_from(['=', '!=']))} null"
        case "list":
            return f"{name} in ({', '.join(draw(st.lists(value | null, min_size=1, max_size=3)))})"
        case _:
            return f"{name} = {draw(value | st.just(''))}..{draw(value | st.just(''))}"


filters = st.recursive(
    comparisons() | st.sampled_from(WORDS).map(quoted),
    lambda inner: st.one_of(
        inner.map(lambda text: f"not ({text})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}) ({pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}) or ({pair[1]})"),
    ),
    max_leaves=5,
)


def found(transaction, filter_):
    sql, parameters = to_sql(filter_, now=NOW)
    rows = transaction.run(f"SELECT p.id FROM people AS p WHERE {sql} ORDER BY p.id", **parameters)
    return [user_id for (user_id,) in rows]


@pytest.fixture
def stored(database):
    store(database, PEOPLE)
    return database


@pytest.mark.slow
def test_a_filter_means_whom_python_says_it_means(stored):
    meant = []

    @settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
    @given(filters)
    def check(text):
        try:
            filter_ = parse(text, roles=ADMIN)
        except Invalid:
            return
        expected = [person["id"] for person in PEOPLE if means(filter_.root, person)]
        assert found(transaction, filter_) == expected, text
        meant.append(len(expected))

    with stored.transaction(read_only=True) as transaction:
        check()
    assert len(meant) > 500
    assert {0, 1, 2, len(PEOPLE)} <= set(meant)


@pytest.mark.parametrize("text", EXAMPLES)
def test_the_examples_of_the_docs_mean_whom_python_says_they_mean(stored, text):
    with stored.transaction(read_only=True) as transaction:
        filter_ = parse(text, roles=ADMIN)
        assert found(transaction, filter_) == [person["id"] for person in PEOPLE if means(filter_.root, person)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7]),
        ("ada", [1, 6]),
        ("elodie", [2]),
        ("lovelace osaka", [1]),
        ('"ada love"', [1]),
        ("\u592a\u90ce", [3]),
        ("de", []),
        ("100%", [5]),
        ("o.o'neil", [4]),
        ("bo.o'neil@m\u00fcnchen.example", [4]),
        ("neil@munchen.exempli", []),
        ("email : @acme.example", [1, 2, 3, 7]),
        ('name = \u00c9LODIE-DURAND or name = "elodie durand"', [2]),
        ("name = null", [4]),
        ("email : o'neil", [4]),
        ('email = "bo.o\'neil@MUNCHEN.example"', [4]),
        ("email_domain = acme.example age >= 18", [1, 2]),
        ("age != 18", [1, 3, 4, 5, 6, 7]),
        ("not age > 18", [2, 3, 4, 6, 7]),
        ("age = 18..40", [1, 2]),
        ("roles : admin", [1, 4]),
        ("roles != null and roles != support", [1]),
        ("attributes.plan = pro", [1]),
        ("attributes.plan : pro", [1, 2]),
        ("attributes.score > 10", [2]),
        ("attributes.score = 10", [1]),
        ('attributes.score = "10"', [3]),
        ("attributes.tags = vip", [1, 6]),
        ("attributes.address.city = Osaka", [1]),
        ("attributes.plan = null", [3, 4, 5, 6]),
        ("attributes.until < now", [7]),
        ('metadata.tier in (1, "1")', [1, 5]),
        ("last_sign_in_at = 2026-06-29..2026-06-30", [1, 6]),
        ("last_sign_in_at >= -12h", [6]),
        ("created_at > -7d", [2]),
        ("segment = vip", [1]),
        ("segment = null", [2, 4, 5, 6, 7]),
        ("items = cart and items = settings", [6]),
        ("identities.connection in (google, okta)", [2, 7]),
        ("status = disabled or source = import", [3]),
        ("birthdate >= -1y", [5]),
    ],
)
def test_whom_a_filter_means(stored, text, numbers):
    with stored.transaction(read_only=True) as transaction:
        filter_ = parse(text, roles=ADMIN)
        assert found(transaction, filter_) == [f"U{number:03}" for number in numbers]
        assert [person["id"] for person in PEOPLE if means(filter_.root, person)] == found(transaction, filter_)
