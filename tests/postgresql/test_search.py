"""`GET /people/search` end to end: the route, the function that it asks, and a real PostgreSQL."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from chalicelib.core import clock
from chalicelib.read_model.answers import answer
from chalicelib.read_model.filters.fields import fields_for
from chalicelib.read_model.routes import people as people_routes
from chalicelib.read_model.segments import definitions
from chalicelib.read_model.statements import Rows
from chalicelib.read_model.writing import apply
from chalicelib.segments.model import id_of
from tests.functional.apps import ApiClient
from tests.functional.operated import functions
from tests.postgresql.people import NOW, a_person, store

HOURS = [f"2026-01-01T{hour:02}:00:00.000Z" for hour in range(24)]
PEOPLE = [
    a_person(
        number,
        name=None if number % 5 == 0 else f"{'aBc'[number % 3]}da {number}",
        age=None if number % 4 == 0 else number % 3,
        created_at=HOURS[number % 7],
        attributes={"plan": "pro" if number % 2 else "free"},
        metadata={"tier": number % 3},
        identities=[{"id": "I1", "connection": "google", "linked_at": HOURS[2]}] if number == 7 else [],
    )
    for number in range(23)
]
SORTABLE = [name for name, field in fields_for(("admin",)).items() if field.is_sortable]


@pytest.fixture
def api(read_model):
    store(read_model, PEOPLE)
    client = ApiClient(people_routes)
    client.sign_in("admin", "admin")
    with clock.held(NOW), functions(query_read_model=answer):
        yield client


def searched(api, q="", **query):
    return api.call("GET", f"/people/search?{urlencode({'q': q, **query})}")


def walked(api, q="", **query):
    """The ids of everybody, result page by result page."""
    found, cursor = [], {}
    while True:
        body = searched(api, q, **query, **cursor).body
        found += [person["id"] for person in body["items"]]
        if body["next"] is None:
            return found
        cursor = {"cursor": body["next"]}


@pytest.fixture
def watched(read_model):
    """A segment by age and one by metadata, with the same member."""
    rows = Rows()
    made = [definitions.create(text, text, watched=True) for text in ("age = 1", "metadata.tier = 1")]
    for segment_id in map(id_of, made):
        times = {"entered_at": HOURS[0], "left_at": None}
        rows.add_membership({"segment_id": segment_id, "user_id": "U007", "version": 1, **times})
    apply(read_model, rows)
    return list(map(id_of, made))


def test_support_finds_nobody_by_a_segment_that_metadata_makes(api, read_model, watched):
    by_age, by_metadata = watched
    asked = [f"segment = {by_age}", f"segment = {by_metadata}"]
    assert [walked(api, q) for q in asked] == [["U007"], ["U007"]]
    api.sign_in("S1", "support")
    assert [walked(api, q) for q in asked] == [["U007"], []]
    with read_model.transaction() as transaction:
        transaction.run("DELETE FROM memberships WHERE segment_id = :segment", segment=by_age)
    assert walked(api, "segment != null") == []
    assert len(walked(api, f"not segment = {by_metadata}")) == len(PEOPLE)
    unsaid = {"question": "search", "q": asked[1], "sort": "id", "limit": 9, "roles": ["support"]}
    assert answer(unsaid)["people"] == []


def test_it_shows_people_as_the_directory_does(api):
    body = searched(api, "id = U007").body
    assert (body["next"], body["count"]) == (None, None)
    (person,) = body["items"]
    assert person == {
        "id": "U007",
        "email": "person7@acme.example",
        "email_verified": False,
        "name": "Bda 7",
        "age": 1,
        "birthdate": None,
        "locale": None,
        "terms_version": None,
        "terms_accepted_at": None,
        "identities": [{"id": "I1", "connection": "google", "linked_at": "2026-01-01T02:00:00.000Z"}],
        "attributes": {"plan": "pro"},
        "roles": [],
        "status": "active",
        "created_at": "2026-01-01T00:00:00.000Z",
        "updated_at": "2026-01-01T00:00:00.000Z",
        "version": 1,
        "metadata": {"tier": 1},
    }


def test_support_neither_sees_nor_filters_by_metadata(api):
    api.sign_in("helper", "support")
    (person,) = searched(api, "id = U007").body["items"]
    assert "metadata" not in person
    refused = searched(api, "metadata.tier = 1")
    assert (refused.status, refused.body["errors"][0]["field"]) == (422, "q")
    assert searched(api, sort="metadata").body["errors"][0]["field"] == "sort"
    api.sign_in("ada")
    assert searched(api).status == 403


@pytest.mark.slow
@pytest.mark.parametrize("sort", [*SORTABLE, *(f"-{name}" for name in SORTABLE)])
def test_result_pages_have_each_person_once_in_any_order(api, sort):
    whole = [person["id"] for person in searched(api, sort=sort, limit=200).body["items"]]
    assert sorted(whole) == [person["id"] for person in PEOPLE]
    assert walked(api, sort=sort, limit=4) == whole
    assert walked(api, "attributes.plan = pro", sort=sort, limit=3) == [
        user_id for user_id in whole if int(user_id[1:]) % 2
    ]


def test_whoever_lacks_what_people_are_sorted_by_comes_last(api):
    for sort, ages in (("age", [0, 1, 2, None]), ("-age", [2, 1, 0, None])):
        found = [person["age"] for person in searched(api, sort=sort, limit=200).body["items"]]
        assert list(dict.fromkeys(found)) == ages
    names = [person["name"] for person in searched(api, sort="name", limit=200).body["items"]]
    assert names[:2] + names[-1:] == ["ada 12", "ada 18", None]
    assert names.index("Bda 1") < names.index("cda 11")


def test_a_cursor_is_good_for_its_search_alone(api):
    cursor = searched(api, "ada", limit=2).body["next"]
    assert searched(api, "ada", limit=3, cursor=cursor).status == 200
    for other in ({"q": "bda"}, {"q": "ada", "sort": "name"}):
        refused = searched(api, **other, cursor=cursor)
        assert (refused.status, refused.body["errors"][0]["field"]) == (422, "cursor")


def test_relative_times_count_from_the_first_result_page(api):
    first = searched(api, "created_at > -4329h", limit=1, sort="created_at").body
    clock.tick(hours=20)
    second = searched(api, "created_at > -4329h", limit=1, sort="created_at", cursor=first["next"]).body
    assert [page["items"][0]["id"] for page in (first, second)] == ["U004", "U011"]


def test_how_many_there_are(api):
    assert searched(api, "attributes.plan = pro", count=True, limit=1).body["count"] == {
        "value": 11,
        "exact": True,
    }
    assert searched(api, "age > 90", count=True).body["count"] == {"value": 0, "exact": True}


def test_more_than_ten_thousand_are_estimated(api, read_model):
    with read_model.transaction() as transaction:
        transaction.script(
            "INSERT INTO people (id, version, email_verified, attributes, metadata, roles, status, search, created_at,"
            " updated_at) SELECT 'X' || n, 1, false, '{}', '{}', '{}', 'active', '', now(), now()"
            " FROM generate_series(1, 12000) AS n; ANALYZE people"
        )
    count = searched(api, "status = active", count=True, limit=1).body["count"]
    assert not count["exact"]
    assert 11000 < count["value"] < 13000


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ({"q": "age > ten"}, "q", "at character 7: age is a whole number"),
        ({"sort": "--name"}, "sort", "is one of id, email,"),
        ({"sort": "attributes"}, "sort", "is one of id, email,"),
        ({"sort": ""}, "sort", "is one of id, email,"),
        ({"limit": 201}, "limit", "Input should be less than or equal to 200"),
        ({"cursor": "abc"}, "cursor", "is not a cursor of this list"),
        ({"nonsense": 1}, "nonsense", "Extra inputs are not permitted"),
    ],
)
def test_what_is_wrong_is_said(api, query, field, message):
    refused = searched(api, **{"q": "", **query})
    (error,) = refused.body["errors"]
    assert (refused.status, error["field"]) == (422, field)
    assert error["message"].startswith(message)


def test_a_search_that_takes_too_long_is_stopped(api, read_model):
    with read_model.transaction() as transaction:
        transaction.script(
            "CREATE FUNCTION stopped() RETURNS boolean LANGUAGE plpgsql AS"
            " $$BEGIN RAISE EXCEPTION USING ERRCODE = 'query_canceled'; END$$;"
            " ALTER TABLE people RENAME TO slow; CREATE VIEW people AS SELECT * FROM slow WHERE stopped()"
        )
    refused = searched(api)
    assert (refused.status, refused.body["errors"][0]["code"]) == (422, "too_slow")
    assert "takes longer than 5 seconds" in refused.body["detail"]
