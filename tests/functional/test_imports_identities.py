"""Identities move with people: out by an export, in by a row for who is created, and to nobody who exists."""

from __future__ import annotations

import json

import pytest

from chalicelib import accounts
from chalicelib.connections import connections
from tests.builders import PASSWORD, a_user
from tests.functional.coming_in import Newcomer, arrived, connect, connected
from tests.functional.importing import people
from tests.functional.test_exports import export
from tests.unit.imports.test_import_federated import GOOGLE, ROWS

pytestmark = [pytest.mark.usefixtures("local_receivers"), pytest.mark.slow]

ALICE = "alice@corp.example"
SUBJECT = {"connection": "corp", "subject": "alice-1"}


@pytest.fixture
def provider(state_machines):
    with connected(trusted_domains=["corp.example"]) as one:
        yield one


def bring(state_machines, *rows: dict):
    return state_machines.drop(json.dumps(rows).encode())


def row(**fields) -> dict:
    return {"email": ALICE, "email_verified": True, "identities": [SUBJECT], **fields}


def test_who_is_brought_with_an_identity_comes_in_by_it(state_machines, aws, provider):
    job = bring(state_machines, row())
    assert job["counts"]["created"] == 1
    browser = Newcomer()
    assert arrived(browser.come(provider, email="alice@new.example"))
    assert browser.me()["email"] == ALICE
    (identity,) = browser.call("GET", "/me/identities").body["items"]
    assert identity["subject"] == "alice-1"


def test_an_export_brings_them_into_another_stage(state_machines, aws, provider):
    browser = Newcomer()
    browser.come(provider)
    job = export(state_machines)
    file = aws.objects("work")[job["file"]]
    assert [json.loads(line)["identities"] for line in file.splitlines()] == [
        [{**SUBJECT, "issuer": provider.url, "label": ALICE}]
    ]


def test_an_upsert_links_nobodys_account(state_machines, aws, provider):
    a_user(email=ALICE, password=PASSWORD)
    job = state_machines.drop(json.dumps([row(name="Alice")]).encode(), mode="upsert")
    assert job["counts"]["updated"] == 1
    assert people(aws)[ALICE].get("identities") is None
    assert [one["id"] for one in aws.rows("credentials") if one["id"].startswith("identit")] == []


def test_what_no_connection_knows_is_left_behind_and_said(state_machines, aws, provider):
    entries = [SUBJECT, {"connection": "gone", "subject": "x"}, {**SUBJECT, "issuer": "https://other.example"}]
    bring(state_machines, row(identities=entries, metadata={"plan": "a"}))
    person = people(aws)[ALICE]
    assert len(person["identities"]) == 1
    assert person["metadata"] == {"plan": "a", "identities_left_behind": ["gone", "corp"]}


def test_an_identity_is_one_persons(state_machines, aws, provider):
    Newcomer().come(provider)
    job = bring(
        state_machines,
        row(email="b@corp.example"),
        row(email="c@corp.example", identities=[{**SUBJECT, "subject": "c"}]),
        row(email="d@corp.example", identities=[{**SUBJECT, "subject": "c"}]),
    )
    assert (job["counts"]["created"], job["counts"]["failed"]) == (1, 2)
    assert {"b@corp.example", "d@corp.example"} - people(aws).keys() >= {"b@corp.example"}


@pytest.mark.parametrize(
    "entries",
    [
        "x",
        [1],
        [{}],
        [{"connection": "corp"}],
        [{**SUBJECT, "role": "x"}],
        [{**SUBJECT, "subject": ""}],
        [{**SUBJECT, "subject": "\ud800"}],
        [{**SUBJECT, "issuer": "https://login.example/\ud800"}],
        [SUBJECT] * 11,
    ],
)
def test_a_row_whose_identities_are_none_is_refused(state_machines, aws, provider, entries):
    job = bring(state_machines, row(identities=entries))
    assert job["counts"]["failed"] == 1
    assert people(aws) == {}


def test_a_disabled_connection_takes_none(state_machines, aws, provider):
    corp = connections().get("corp")
    connections().replace(corp, {**corp, "enabled": False, "version": 2})
    bring(state_machines, row())
    assert "identities" not in people(aws)[ALICE]
    assert accounts.people().find_by_email(ALICE)["metadata"] == {"identities_left_behind": ["corp"]}


def others(system: str, **fields) -> bytes:
    """A file of another system with one person, who has identities at many providers."""
    row, _ = ROWS[system]
    if system != "Cognito":
        return json.dumps([{**row, **({"user_id": "auth0|5f7c"} if system == "Auth0" else {}), **fields}]).encode()
    values = {"cognito:username": "ann", **row, **fields}
    return "\n".join([",".join(values), ",".join(v.replace(",", "\\,") for v in values.values())]).encode()


LEFT = {
    "Auth0": ["github", "adfs"],
    "Cognito": ["signinwithapple", "corp", "adfs"],
    "Firebase": ["facebook", "corp.com", "saml.adfs", "microsoft"],
    "Kratos": ["adfs"],
}
TAKEN = {
    "Auth0": {"g": GOOGLE, "corp": "00u1"},
    "Cognito": {"g": GOOGLE},
    "Firebase": {"g": GOOGLE},
    "Kratos": {"g": GOOGLE, "corp": "00u1"},
}


@pytest.mark.parametrize("system", ROWS)
def test_identities_of_other_systems_go_to_their_connections(state_machines, aws, provider, system):
    """By the id, and Google's by its kind. Cognito names another issuer than the connection `corp` has."""
    connect(provider, "g", "google")
    job = state_machines.drop(others(system))
    assert job["counts"]["created"] == 1, state_machines.errors(job)
    person = people(aws)["ann@corp.example"]
    (listed,) = [row for row in aws.rows("credentials") if row["id"] == f"identities#{person['id']}"]
    assert {one["connection"]: one["subject"] for one in listed["identities"]} == TAKEN[system]
    assert person["metadata"] == {"identities_left_behind": LEFT[system]}


def test_what_was_left_behind_stays_said_when_the_file_is_sent_again(state_machines, aws, provider):
    entries = [{"connection": "gone", "subject": "x"}]
    bring(state_machines, row(identities=entries, metadata={"plan": "a"}))
    again = json.dumps([row(identities=entries, metadata={"plan": "b"})]).encode()
    assert state_machines.drop(again, mode="upsert")["counts"]["updated"] == 1
    assert state_machines.drop(again, mode="upsert")["counts"]["unchanged"] == 1
    assert people(aws)[ALICE]["metadata"] == {"plan": "b", "identities_left_behind": ["gone"]}


def test_of_two_connections_of_a_kind_none_is_guessed(state_machines, aws, provider):
    connect(provider, "g", "google")
    connect(provider, "h", "google")
    state_machines.drop(others("Firebase"))
    person = people(aws)["ann@corp.example"]
    assert person["metadata"]["identities_left_behind"] == ["google", *LEFT["Firebase"]]
    assert "identities" not in person


def test_an_id_of_another_kind_is_not_taken(state_machines, aws, provider):
    connect(provider, "github")
    bring(state_machines, row(identities=[{"connection": "github", "kind": "github", "subject": "583231"}]))
    assert people(aws)[ALICE]["metadata"] == {"identities_left_behind": ["github"]}


@pytest.mark.parametrize("system", ROWS)
def test_an_upsert_from_another_system_links_nobodys_account(state_machines, aws, provider, system):
    without = {"Firebase": {"providerUserInfo": []}, "Kratos": {"credentials": {}}, "Cognito": {"identities": ""}}
    state_machines.drop(others(system, **without.get(system, {"identities": []})))
    job = state_machines.drop(others(system), mode="upsert")
    assert job["counts"]["unchanged"] == 1, state_machines.errors(job)
    assert people(aws)["ann@corp.example"].get("identities") is None


def test_malformed_identities_are_told_by_line_and_field(state_machines, aws, provider):
    entries = [{"provider": "github", "connection": "github", "user_id": ["x"]}]
    job = state_machines.drop(others("Auth0", identities=entries))
    assert [error[:2] for error in state_machines.errors(job)] == [(1, "identities")]
    assert people(aws) == {}
