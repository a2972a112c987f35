"""No text of a caller becomes SQL: what PostgreSQL's own log says that it was asked, and what its tables hold then."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.core import clock
from chalicelib.core.errors import Invalid
from chalicelib.read_model.answers import answer
from chalicelib.read_model.database import LIVE
from chalicelib.read_model.filters import parse
from chalicelib.read_model.filters.tree import quoted
from chalicelib.read_model.projection import clean
from chalicelib.read_model.routes import people as people_routes
from chalicelib.read_model.search import search
from tests.functional.apps import ApiClient
from tests.functional.operated import functions
from tests.postgresql.people import NOW, a_person, means, store

pytestmark = pytest.mark.slow

MARK = "zqxj"
"""It is in each text of the corpus, and in nothing of ours."""

CORPUS = [
    text.replace("@", MARK)
    for text in (
        "@' OR '1'='1",
        "@' OR 1=1 --",
        "@'; DROP TABLE people; --",
        "@'); DELETE FROM people; --",
        '@" OR ""="',
        "@\\'; DROP TABLE people; --",
        "@' UNION SELECT id, metadata FROM people --",
        "@' AND 1=CAST((SELECT version()) AS int) --",
        "@'||(SELECT pg_sleep(5))||'",
        "1; SELECT pg_sleep(5) -- @",
        "1) OR (SELECT 1 FROM pg_sleep(5)) IS NULL -- @",
        "@ /**/ OR /**/ 1=1",
        "$$@$$; DROP TABLE people; $$",
        "@ $1 $2 :f1 :id :rows :value ::text",
        "@%' OR search LIKE '%",
        "E'@\\x27 OR 1=1'",
        "@\u02bc OR 1=1 \uff07 \u2019",
        "@\x00' OR 1=1",
        "@\ud800' OR 1=1",
        '@"} , "x": {"y',
        '@" == 1 || $."x',
        '@\\\\" ? (@ == 1)',
        "@{0} %s %(x)s {{}}",
        "@', E'\\n', 1), '",
        "@\n; COPY people TO PROGRAM 'id'",
    )
]

SLOTS = [
    "{}",
    "id = {}",
    "name = {}",
    "name : {}",
    "email in ({}, null)",
    "email_domain : {}",
    "locale = {}..{}",
    "locale < {}",
    "roles = {}",
    "attributes.{} = {}",
    "attributes.plan : {}",
    "attributes.{}.{} >= {}",
    "attributes.{} != null",
    "metadata.{} = {}..{}",
    "identities.connection = {}",
    "segment in ({})",
    "not items = {}",
]

PEOPLE = [a_person(1, name="Ada"), *(a_person(2 + number, name=text) for number, text in enumerate(CORPUS))]
PEOPLE += [a_person(100, attributes={MARK: {"plan": CORPUS[0]}, **dict.fromkeys(CORPUS, CORPUS[0])})]
PEOPLE = clean(PEOPLE)


@pytest.fixture
def stored(read_model, server):
    store(read_model, PEOPLE)
    server.psql("-d", "rollcall_test", "-c", "ALTER DATABASE rollcall_test SET log_statement = 'all'")
    before, begin = contents(server), (server.folder / "log").stat().st_size
    with clock.held(NOW):
        yield read_model
    assert contents(server) == before
    asked = statements((server.folder / "log").read_bytes()[begin:].decode("utf-8", "replace"))
    assert asked
    assert [statement for statement in asked if MARK in statement or "pg_sleep" in statement] == []


def contents(server):
    """Everything that the tables hold, and which there are."""
    names = server.psql(
        "-d",
        "rollcall_test",
        "-c",
        f"SELECT relname FROM pg_class WHERE relnamespace = '{LIVE}'::regnamespace ORDER BY 1",
    )
    return names, server.psql("-d", "rollcall_test", "-c", f"SELECT * FROM {LIVE}.people ORDER BY id")


def statements(log):
    """What was prepared and run by the functions, without parameters. psql's own are left out."""
    entries = re.split(r"^(?=\d{4}-\d\d-\d\d [\d:.]+ \S+ \[\d+\])", log, flags=re.MULTILINE)
    return [
        entry
        for entry in entries
        if re.search(r"LOG:\s+(execute|statement)", entry) and "SELECT * FROM" not in entry
    ]


def asked(q, sort="id"):
    return search({"q": q, "sort": sort, "limit": 200, "roles": ["admin"]})


@pytest.mark.parametrize("slot", SLOTS)
def test_a_hostile_text_is_a_text(stored, slot):
    for text in CORPUS:
        for value in (quoted(text), text):
            q = slot.replace("{}", value)
            try:
                filter_ = parse(q, roles=("admin",))
            except Invalid:
                continue
            found = [person["id"] for person in asked(q)["people"]]
            assert found == [person["id"] for person in PEOPLE if means(filter_.root, person)], q


def test_any_text_is_a_text(stored):
    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(SLOTS), st.text(max_size=40), st.booleans())
    def check(slot, text, in_quotes):
        q = slot.replace("{}", quoted(text) if in_quotes else text)
        try:
            filter_ = parse(q, roles=("admin",))
        except Invalid:
            return
        assert [person["id"] for person in asked(q)["people"]] == [
            person["id"] for person in PEOPLE if means(filter_.root, person)
        ], q

    check()


def test_no_hostile_text_is_an_order_or_a_cursor(stored):
    client = ApiClient(people_routes)
    client.sign_in("admin", "admin")
    with functions(query_read_model=answer):
        assert client.call("GET", "/people/search?sort=name").status == 200
        for text in CORPUS:
            for name in ("sort", "cursor", "limit", "count"):
                encoded = urlencode({name: text.encode("utf-8", "replace")})
                refused = client.call("GET", f"/people/search?{encoded}")
                assert (refused.status, refused.body["errors"][0]["field"]) == (422, name), text
