"""The route of the views, over the function that answers it and a database."""

from __future__ import annotations

import pytest

from chalicelib.core.settings import settings
from chalicelib.read_model.answers import answer
from chalicelib.read_model.view_routes import views
from chalicelib.read_model.views import refresh
from tests.functional.apps import ApiClient
from tests.functional.operated import functions

pytestmark = pytest.mark.usefixtures("held_clock")

SIGN_IN = "INSERT INTO sessions (id, user_id, started_at, method) VALUES ('S1', 'U1', '2026-02-27', 'passkey')"


@pytest.fixture
def api(read_model):
    client = ApiClient(views)
    client.sign_in("A1", "support")
    with functions(query_read_model=answer):
        yield client


def test_support_reads_what_was_counted(api, read_model):
    with read_model.transaction() as transaction:
        transaction.script(SIGN_IN)
    refresh(read_model)
    body = api.call("GET", "/insights/views/sign_ins").body
    assert (body["view"], body["start"], body["end"]) == ("sign_ins", "2025-12-08", "2026-03-02")
    assert [(row["day"], row["method"], row["sign_ins"]) for row in body["rows"]] == [("2026-02-27", "passkey", 1)]
    assert body["as_of"]
    earlier = api.call("GET", "/insights/views/sign_ins?from=2026-01-01&to=2026-02-27").body
    assert (earlier["rows"], earlier["as_of"]) == ([], None)


@pytest.mark.parametrize("view", ["cohorts", "confirmations"])
def test_where_nobody_is_there_are_no_rows(api, view):
    assert api.call("GET", f"/insights/views/{view}").body["rows"] == []


def test_there_is_no_other_view(api):
    assert api.call("GET", "/insights/views/people").status == 404


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2024-01-01&to=2026-01-01", "from"),
        ("from=2026-01-01&to=2026-01-01", "to"),
        ("to=0001-01-01", "to"),
        ("from=yesterday", "from"),
        ("from=2026-03-02", "to"),
    ],
)
def test_days_that_are_none_are_refused(api, query, field):
    refused = api.call("GET", f"/insights/views/cohorts?{query}")
    assert (refused.status, [each["field"] for each in refused.body["errors"]]) == (422, [field])


def test_without_a_read_model_the_answer_says_so(api):
    with settings.held(read_model="off"):
        refused = api.call("GET", "/insights/views/cohorts")
    assert refused.status == 404
    assert "READ_MODEL" in refused.body["detail"]


def test_a_person_is_refused(api):
    api.sign_in("U1")
    assert api.call("GET", "/insights/views/cohorts").status == 403
