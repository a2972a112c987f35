"""People move in with files that the exporters of other systems write: all of them come, with their old passwords and
second factors, and what is left behind is named."""

from __future__ import annotations

import base64
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chalicelib.factors import check_totp_secret
from chalicelib.imports.systems import SystemOptions
from chalicelib.passwords import as_stored, fits
from chalicelib.passwords.foreign import Project
from tests.functional.vendor_files import FIREBASE_HASH, FIREBASE_PASSWORD, FIREBASE_SALT, HASH_CONFIG
from tests.peers import installing, keycloak, keycloak_files, kratos
from tests.peers.moving import moved
from tests.unit.docs import markdown

pytestmark = [pytest.mark.slow, pytest.mark.peers]

HERE = Path(__file__).parent / "exporters"
RUN_SECONDS = 300
PASSWORD = "a long enough password"


def ran(*command: str | Path) -> str:
    """What a command prints. Its complaint is the test's."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)
    assert done.returncode == 0, f"{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


def with_node(name: str, lock: Path, further: list[Path], *commands: tuple[str, ...]) -> Path:
    """The folder in which a package of npm is installed."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("Node.js or npm is not installed")
    if why := installing.install(name, lock, further, *commands):
        pytest.skip(why)
    return installing.folder_of(name, lock)


@pytest.fixture(scope="module")
def firebase_tools() -> Path:
    """The folder of the package, without what it depends on."""
    lock = HERE / "firebase_tools" / "firebase-tools.sha512"
    archive = lock.read_text().split()[1]
    package = archive.removesuffix(".tgz").replace("firebase-tools-", "firebase-tools@")
    commands = (
        ("npm", "pack", package, "--loglevel=error"),
        ("sha512sum", "--check", "--status", lock.name),
        ("tar", "xzf", archive),
    )
    return with_node("firebase-tools", lock, [], *commands) / "package"


@pytest.fixture(scope="module")
def better_auth() -> dict[str, list[dict[str, Any]]]:
    """The tables of an application with people."""
    lock = HERE / "better_auth" / "package-lock.json"
    folder = with_node("better-auth", lock, [lock.with_name("package.json")], installing.NPM)
    people = [
        {"name": "Ada", "email": "ada@example.com", "username": "Ada", "image": "https://example.com/ada.png"},
        {"name": "Otto", "email": "otto@example.com"},
    ]
    told = {"password": PASSWORD, "people": people, "second": "otto@example.com"}
    tables: dict[str, list[dict[str, Any]]] = json.loads(
        ran("node", HERE / "better_auth" / "dump.mjs", folder / "node_modules", json.dumps(told))
    )
    return tables


@pytest.fixture(scope="module")
def django(tmp_path_factory: Any) -> tuple[Path, dict[str, str]]:
    """The folder with the files of an application, and hashes by the libraries that made them."""
    lock, folder = HERE / "django" / "requirements.txt", tmp_path_factory.mktemp("django")
    pip = ("env/bin/pip", "install", "--quiet", "--require-hashes", "--disable-pip-version-check")
    if why := installing.install(
        "django", lock, [], (sys.executable, "-m", "venv", "env"), (*pip, "-r", lock.name)
    ):
        pytest.skip(why)
    python = installing.folder_of("django", lock) / "env" / "bin" / "python"
    return folder, json.loads(ran(python, HERE / "django" / "dump.py", folder, PASSWORD))


FIREBASE = [
    {
        "localId": "u1",
        "email": "ada@example.com",
        "emailVerified": True,
        "passwordHash": FIREBASE_HASH.replace("+", "-").replace("/", "_"),
        "salt": FIREBASE_SALT.replace("+", "-").replace("/", "_"),
        "version": 0,
        "displayName": 'Lovelace, "Ada"\nKing',
        "photoUrl": "https://example.com/ada.png",
        "createdAt": "1486324027000",
        "lastLoginAt": "1486324027001",
        "disabled": False,
        "customAttributes": json.dumps({"say": 'a "b", c\\', "plan": ""}),
        "providerUserInfo": [
            {
                "providerId": "google.com",
                "rawId": "1143600001",
                "email": "ada@gmail.example",
                "displayName": "A\n,B",
            },
            {"providerId": "yahoo.com", "rawId": "Y1", "displayName": 'A "B"'},
            {"providerId": "oidc.corp", "rawId": "7"},
        ],
    },
    {"localId": "u2", "email": "otto@example.com", "mfaInfo": [{"phoneInfo": "+1"}], "createdAt": "1486324027000"},
]


@pytest.mark.parametrize("name", ["users.csv", "users.json"])
def test_people_come_from_firebase(firebase_tools, name, tmp_path):
    pages = json.dumps([[person] for person in FIREBASE])
    ran("node", HERE / "firebase_tools" / "export.cjs", firebase_tools, tmp_path / name, pages)
    found = moved(tmp_path / name, SystemOptions(firebase=Project.shown(HASH_CONFIG)))
    assert found.format == {"users.csv": "Firebase, CSV", "users.json": "Firebase, JSON"}[name]
    assert (set(found.people), found.refused) == ({"ada@example.com", "otto@example.com"}, [])
    assert found.signed_in(FIREBASE_PASSWORD) == {"ada@example.com"}
    assert found.person("ada@example.com") == {
        "id": "u1",
        "name": 'Lovelace, "Ada" King',
        "email_verified": True,
        "attributes": {"picture": "https://example.com/ada.png"},
        "metadata": {"say": 'a "b", c\\', "plan": "", "identities_left_behind": ["yahoo"]},
        "identities": ["google 1143600001"],
    }
    otto: dict[str, object] = {"id": "u2"}
    if name == "users.json":
        otto["metadata"] = {"second_factors_left_behind": ["phone"]}
    assert found.person("otto@example.com") == otto
    assert found.notes == {
        "changed name": 1,
        "left_out createdAt": 2,
        "left_out lastSignedInAt": 1,
        "left_out providerUserInfo.displayName": 1,
    }


def test_passwords_fit_the_hashes_of_other_libraries(django):
    _, hashes = django
    assert {name for name, text in hashes.items() if not fits(as_stored(text), PASSWORD)} == set()
    assert {name for name, text in hashes.items() if fits(as_stored(text), PASSWORD.title())} == set()


def asked(tables: dict[str, list[dict[str, Any]]], page: str) -> list[dict[str, Any]]:
    """What the query for SQLite on a page of ours gives of these tables, whose truths are numbers there."""
    query = re.search(r"sqlite3 -json .*?<<'SQL'\n(.*?)^SQL$", markdown.page(page), re.DOTALL | re.MULTILINE)
    assert query, page
    with closing(sqlite3.connect(":memory:")) as database:
        database.row_factory = sqlite3.Row
        for name, rows in tables.items():
            columns = sorted({column for row in rows for column in row})
            if columns:
                database.execute(f'CREATE TABLE "{name}" ({", ".join(map(json.dumps, columns))})')
            for row in rows:
                cells = [int(cell) if isinstance(cell, bool) else cell for cell in map(row.get, columns)]
                database.execute(f'INSERT INTO "{name}" VALUES ({", ".join("?" for _ in cells)})', cells)
        return [dict(row) for row in database.execute(query[1])]


def test_people_come_from_better_auth(better_auth, tmp_path):
    (tmp_path / "users.json").write_text(json.dumps(asked(better_auth, "docs/moving/better_auth.md")))
    found = moved(tmp_path / "users.json")
    people = {"ada@example.com", "otto@example.com"}
    assert (found.format, set(found.people), found.refused) == ("better-auth, JSON array", people, [])
    assert found.signed_in(PASSWORD) == people
    ada, otto = (found.person(f"{name}@example.com") for name in ("ada", "otto"))
    assert (ada["name"], otto["name"]) == ("Ada", "Otto")
    assert ada["attributes"] == {"picture": "https://example.com/ada.png", "username": "ada"}
    assert otto["metadata"] == {"groups": ["user"], "second_factors_left_behind": ["totp"]}
    left_out = {"accounts.accountId": 2, "createdAt": 2, "displayUsername": 1, "updatedAt": 2}
    assert found.notes == {f"left_out {name}": rows for name, rows in left_out.items()}


def test_people_come_from_keycloak(tmp_path):
    """From both realms in one test: a second process would start a Keycloak of its own."""
    if why := keycloak.missing():
        pytest.skip(why)
    folder = keycloak_files.exported(tmp_path)
    for realm in keycloak_files.POLICIES:
        come_from_realm(folder / f"{realm}-realm.json")


def come_from_realm(path: Path) -> None:
    found = moved(path)
    people = {f"{name}@example.com" for name in ("ada", "grace", "otto", "nopass")}
    assert (found.format, set(found.people), found.refused) == ("Keycloak, JSON", people, [])
    assert found.signed_in(keycloak_files.PASSWORD) == people - {"nopass@example.com"}
    assert found.nobody == {"serviceAccountClientId": 1}
    ada, grace, otto = (found.person(f"{name}@example.com") for name in ("ada", "grace", "otto"))
    assert (ada["name"], ada["email_verified"], ada["locale"]) == ("Ada Lovelace", True, "en-GB")
    assert ada["metadata"] == {"groups": ["editor", "staff/uk", "shop/buyer"], "department": "engines"}
    assert ada["identities"] == ["google 1143600001"]
    assert (grace["status"], "email_verified" in grace) == ("disabled", False)
    assert otto["totp_secret"] == base64.b32encode(keycloak_files.TOTP_KEY.encode()).decode()
    left_out = {"requiredActions": 2, "credentials.createdDate": 3, "createdTimestamp": 5, "clients": 1}
    assert {name: found.notes[f"left_out {name}"] for name in left_out} == left_out


@pytest.mark.parametrize("name", ["users.json", "everything.json", "everything.jsonl", "auth_user.csv"])
def test_people_come_from_django(django, name):
    found = moved(django[0] / name)
    algorithms = ["pbkdf2_sha256", "pbkdf2_sha1", "argon2", "bcrypt_sha256", "bcrypt", "scrypt", "md5"]
    with_passwords = {f"{name}@example.com" for name in ("ada", *algorithms)}
    assert found.format.startswith("Django, ")
    assert set(found.people) == with_passwords | {"gone@example.com"}
    assert found.refused == ["password_hash needs an email to sign in with"]
    if name == "users.json":
        assert found.signed_in(PASSWORD) == with_passwords
    ada, gone = (found.person(f"{name}@example.com") for name in ("ada", "gone"))
    assert (ada["id"], ada["name"]) == ("1", "Ada Lovelace")
    assert (gone["name"], gone["status"]) == ('Grace "Amazing"', "disabled")
    fields = "" if name == "auth_user.csv" else "fields."
    assert {found.notes[f"left_out {fields}{left}"] for left in ("is_staff", "date_joined")} == {1, 10}
    if name.startswith("everything"):
        others = ("account.emailaddress", "mfa.authenticator", "socialaccount.socialaccount")
        assert [found.nobody[other] for other in others] == [1, 2, 1]


def test_what_allauth_has_of_people_comes_with_them(django, tmp_path):
    """By the command of the page."""
    if not shutil.which("jq"):
        pytest.skip("jq is not installed")
    page = markdown.section(markdown.page("docs/moving/django.md"), "Get the file")
    program = re.search(r"^jq -c '(.*?)' everything\.json", page, re.DOTALL | re.MULTILINE)
    assert program is not None
    (tmp_path / "people.jsonl").write_text(ran("jq", "-c", program[1], django[0] / "everything.json"))
    found = moved(tmp_path / "people.jsonl")
    ada = found.person("ada@example.com")
    assert (ada["email_verified"], ada["identities"]) == (True, ["google 1143600001"])
    assert ada["totp_secret"] == "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    assert ada["metadata"] == {"groups": ["Editors"], "second_factors_left_behind": ["recovery_codes"]}
    assert found.nobody == {}


def test_people_come_from_kratos(tmp_path):
    if why := kratos.missing():
        pytest.skip(why)
    page = markdown.section(markdown.page("docs/moving/kratos.md"), "Get the file")
    query = "&".join(re.findall(r"-d (\S+)", page))
    ada = {
        "traits": {"email": "ada@example.com"},
        "credentials": {"password": {"config": {"password": PASSWORD}}},
        "verifiable_addresses": [
            {"value": "ada@example.com", "verified": True, "via": "email", "status": "completed"}
        ],
        "metadata_public": {"plan": "pro"},
        "metadata_admin": {"crm": 7},
    }
    otto = {"traits": {"email": "otto@example.com"}, "state": "inactive"}
    batch = {"identities": [{"create": {"schema_id": "default", **each}} for each in (ada, otto)]}
    with kratos.running(tmp_path) as server:
        assert server.imported(json.dumps(batch).encode()) == ["create", "create"]
        secret = server.with_totp("ada@example.com", PASSWORD)
        (tmp_path / "identities.json").write_bytes(server.listed(query))
    found = moved(tmp_path / "identities.json")
    assert (found.format, found.refused) == ("Kratos, JSON array", [])
    assert found.signed_in(PASSWORD) == {"ada@example.com"}
    found_ada, found_otto = (found.person(f"{name}@example.com") for name in ("ada", "otto"))
    assert (found_ada["email_verified"], found_ada["metadata"]) == (True, {"plan": "pro", "crm": 7})
    assert found_otto["status"] == "disabled"
    assert check_totp_secret(str(found_ada["totp_secret"])) == secret
    members = {name.split()[1].partition(".")[0] for name in found.notes}
    assert members == {
        *("created_at", "credentials", "schema_id", "schema_url", "state_changed_at", "updated_at"),
        "verifiable_addresses",
    }
