"""People move out with files that the importers of other systems take."""

from __future__ import annotations

import base64
import json
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from chalicelib.passwords import kind_of
from tests.peers import kratos
from tests.peers.moving import moved
from tests.peers.test_moving_in import HERE, firebase_tools, ran  # noqa: F401 - a fixture
from tests.unit.docs import markdown
from tests.unit.exports.files import ANN, BCRYPT, CEM, EVE, PEOPLE, TOTP, UUID, exported
from tests.unit.passwords.test_hash_vectors import VECTORS
from tools import postgresql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.peers]


@pytest.mark.parametrize(
    ("hashes", "options", "sent"),
    [
        ("", {"hashAlgo": "BCRYPT"}, {"hashAlgorithm": "BCRYPT"}),
        (
            "SCRYPT --rounds=8 --mem-cost=14",
            {
                "hashAlgo": "SCRYPT",
                "rounds": "8",
                "memCost": "14",
                "hashKey": base64.b64encode(bytes(64)).decode(),
            },
            {"hashAlgorithm": "SCRYPT", "rounds": "8", "memoryCost": "14"},
        ),
        (
            "PBKDF2_SHA256 --rounds=29000",
            {"hashAlgo": "PBKDF2_SHA256", "rounds": "29000"},
            {"hashAlgorithm": "PBKDF2_SHA256", "rounds": "29000"},
        ),
    ],
)
def test_people_go_to_firebase(firebase_tools, tmp_path, hashes, options, sent):  # noqa: F811
    path = tmp_path / "users.json"
    path.write_bytes(exported("firebase", hashes=hashes)[0])
    importer = HERE / "firebase_tools" / "import.cjs"
    done = json.loads(ran("node", importer, firebase_tools, path, json.dumps(options)))
    (request,) = done["sent"]
    assert done["errors"] == []
    assert {name: request[name] for name in sent} == sent
    assert len(request["users"]) == (1 if hashes else len(PEOPLE))
    with_hashes = [user for user in request["users"] if "passwordHash" in user]
    assert len(with_hashes) == 1
    if not hashes:
        assert base64.urlsafe_b64decode(with_hashes[0]["passwordHash"]).decode() == BCRYPT
    if options["hashAlgo"] == "SCRYPT":
        assert with_hashes[0]["localId"] == CEM["id"]


def query_of_page() -> str:
    """By which people come from Supabase."""
    page = markdown.section(markdown.page("docs/moving/supabase.md"), "Get the file")
    query = re.search(r'-Atc "(.*?)" > users\.jsonl', page, re.DOTALL)
    assert query is not None
    return query[1]


@pytest.fixture
def supabase() -> Iterator[Callable[..., str]]:
    """Runs psql in a database with the tables of Supabase's server."""
    if why := postgresql.missing():
        pytest.skip(why)
    with postgresql.running() as server:
        run = partial(server.psql, "-d", "rollcall")
        run("-f", str(HERE.parent / "importers" / "supabase_tables.sql"))
        yield run


def test_people_go_to_supabase_once_and_come_back(supabase, tmp_path):
    script = ("--single-transaction", "-f", str(ROOT / "docs" / "moving" / "supabase.sql"))
    supabase("-c", f"insert into auth.users (id, email) values ('{uuid4()}', 'B@example.com')")
    for _ in range(2):
        supabase(*script, given=exported("supabase")[0])
    users = supabase("-c", "select email, encrypted_password from auth.users where instance_id is not null")
    found = dict(line.split("|") for line in users.splitlines())
    assert found.keys() == {"ann@example.com", "c@example.com", "", "e@example.com"}
    assert (found["ann@example.com"], found["e@example.com"]) == (ANN["password_hash"], "")
    (name,) = supabase(
        "-c", "select raw_user_meta_data ->> 'name' from auth.users where banned_until > now()"
    ).splitlines()
    assert name == CEM["name"]
    identities = supabase("-c", "select provider, email from auth.identities order by 1, 2")
    assert identities.splitlines() == [
        "email|ann@example.com",
        "email|c@example.com",
        "email|e@example.com",
        "google|a@gmail.example",
    ]
    providers = f"select raw_app_meta_data ->> 'providers' from auth.users where id = '{UUID}'"
    assert json.loads(supabase("-c", providers)) == ["email", "google"]
    assert supabase("-c", "select user_id, status, secret from auth.mfa_factors") == f"{UUID}|verified|{TOTP}\n"
    (tmp_path / "users.jsonl").write_text(supabase("-c", query_of_page()))
    back = moved(tmp_path / "users.jsonl")
    assert {"ann@example.com", "e@example.com"} <= back.people.keys()
    ann = back.person("ann@example.com")
    same = ("id", "name", "email_verified", "birthdate", "locale", "totp_secret")
    assert {name: ann[name] for name in same} == {name: ANN[name] for name in same}
    assert ann["attributes"].items() >= ANN["attributes"].items()
    assert ann["identities"] == ["google 113"]
    assert back.people["ann@example.com"].password_hash == ANN["password_hash"]


def test_people_go_to_kratos_with_each_hash_that_it_is_sent(tmp_path):
    if why := kratos.missing():
        pytest.skip(why)
    known = {f"v{number}@example.com": vector for number, vector in enumerate(VECTORS)}
    people = [
        {**EVE, "id": email, "email": email, "password_hash": stored} for email, (_, stored) in known.items()
    ]
    data = exported("kratos", [*PEOPLE, *people])[0]
    created = [entry["create"] for entry in json.loads(data)["identities"]]
    sent = {each["traits"].get("email") for each in created if "password" in each.get("credentials", {})}
    with kratos.running(tmp_path) as server:
        assert set(server.imported(data)) == {"create"}
        passwords = {email: password for email, (password, _) in known.items() if password and email in sent}
        kept_out = {email for email, password in passwords.items() if not server.signed_in(email, password)}
        assert not server.signed_in("v0@example.com", "another password")
    cut = {
        email for email in kept_out if kind_of(known[email][1]) == "bcrypt" and len(known[email][0].encode()) > 72
    }
    assert kept_out == cut
