"""The recipes of docs/recipes.md, run as they are written there: pages and programs that sign people in with us."""

from __future__ import annotations

import http.client
import re
import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import jwt
import pytest

from chalicelib.core.aws import clients
from chalicelib.core.settings import settings
from chalicelib.oauth import back_channel
from infra.stage import ROOT
from tests.functional.relying_party import a_client
from tests.peers import installing
from tests.peers.forms import FormBrowser
from tests.peers.people import Person
from tests.peers.programs import free_port, running, serving
from tests.serving import listening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.peers]

EXAMPLES = ROOT / "examples" / "sign_in"
PAGE = (ROOT / "docs" / "recipes.md").read_text("utf-8")
EMAIL = "ada@maths.example"

COMMANDS = {
    "fastapi": ".venv/bin/uvicorn app:app --port 9000",
    "express": "node server.js",
    "mcp": ".venv/bin/python server.py",
    "command_line": "python3 sign_in.py",
}
"""How each recipe is started, in its folder."""


@pytest.fixture
def issuer(aws: Any) -> Iterator[str]:
    """An empty stage's app, where who registers is in at once."""
    with listening() as url, settings.held(public_url=url, email_verification="optional"):
        yield url


@pytest.fixture
def ada(issuer: str) -> Person:
    return Person(issuer, EMAIL).register()


def python_of(recipe: str) -> Path:
    """The folder of an environment with what a recipe requires."""
    lock = EXAMPLES / recipe / "requirements.txt"
    pip = ("env/bin/pip", "install", "--quiet", "--require-hashes", "--disable-pip-version-check", "-r", lock.name)
    if why := installing.install(f"recipe-{recipe}", lock, [], (sys.executable, "-m", "venv", "env"), pip):
        pytest.skip(why)
    return installing.folder_of(f"recipe-{recipe}", lock) / "env" / "bin"


def node_folder(recipe: str, tmp_path: Path) -> Path:
    """A copy of a recipe with what it requires."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("Node.js or npm is not installed")
    lock = EXAMPLES / recipe / "package-lock.json"
    if why := installing.install(f"recipe-{recipe}", lock, [lock.with_name("package.json")], installing.NPM):
        pytest.skip(why)
    shutil.copytree(EXAMPLES / recipe, tmp_path / recipe, ignore=shutil.ignore_patterns("node_modules"))
    (tmp_path / recipe / "node_modules").symlink_to(
        installing.folder_of(f"recipe-{recipe}", lock) / "node_modules"
    )
    return tmp_path / recipe


def test_every_recipe_is_started_as_the_page_says():
    assert {path.name for path in EXAMPLES.iterdir()} == {*COMMANDS, "http_api"}
    assert [command for command in COMMANDS.values() if command not in PAGE] == []


@contextmanager
def fastapi(issuer: str) -> Iterator[tuple[str, str]]:
    """The page of FastAPI, and its client's id."""
    port = free_port()
    told = application(f"http://127.0.0.1:{port}", issuer)
    command = [python_of("fastapi") / "uvicorn", "--app-dir", EXAMPLES / "fastapi", "app:app", "--port", str(port)]
    with serving(command, port, **told) as url:
        yield url, told["CLIENT_ID"]


@contextmanager
def express(issuer: str, tmp_path: Path) -> Iterator[str]:
    port, folder = free_port(), node_folder("express", tmp_path)
    told = application(f"http://127.0.0.1:{port}", issuer) | {"PORT": str(port)}
    with serving(["node", folder / "server.js"], port, **told) as url:
        yield url


def application(url: str, issuer: str) -> dict[str, str]:
    """What a page is told of its client, which is registered as docs/recipes.md says."""
    client, secret = a_client(redirect_uris=[f"{url}/callback"], post_logout_redirect_uris=[f"{url}/"])
    credentials = {"CLIENT_ID": client["client_id"], "CLIENT_SECRET": str(secret)}
    return {"ISSUER": issuer, "BASE_URL": url, "SESSION_SECRET": "of this test", **credentials}


def sign_in(browser: FormBrowser, url: str, person: Person, *, allow: bool = True) -> tuple[int, str]:
    """What a page answers after somebody has followed its link, and said yes or no at Rollcall."""
    assert '<a href="/sign-in">Sign in</a>' in browser.open(f"{url}/").text
    asked = browser.open(f"{url}/sign-in")
    assert asked.url.startswith(f"{person.issuer}/oauth2/authorize?")
    page = browser.open(person.go(asked.url, allow=allow))
    return page.status, page.text


def sign_in_and_out(url: str, person: Person, label: str) -> None:
    """Somebody signs in at a page, is greeted, signs out of it, and thereby of Rollcall."""
    browser = FormBrowser(person.issuer)
    assert f"Hello {label}." in sign_in(browser, url, person)[1]
    back = person.go(browser.open(f"{url}/sign-out").url)
    assert back.startswith(f"{url}/")
    assert "Sign in</a>" in browser.open(back).text
    assert person.call("GET", "/me")[0] == 401


def without_address(person: Person) -> str:
    """The name of somebody whose account has no address any more, as that of who comes from a provider without one."""
    _, _, me = person.call("GET", "/me")
    clients.table("users").update({"id": me["id"]}, remove=["email"])
    return str(me["name"])


def test_a_page_of_fastapi_signs_people_in_and_out(issuer, ada):
    with fastapi(issuer) as (url, _):
        sign_in_and_out(url, ada, EMAIL)


def test_a_page_of_fastapi_bears_a_no_and_people_without_an_address(issuer, ada):
    name = without_address(ada)
    with fastapi(issuer) as (url, _):
        browser = FormBrowser(issuer)
        assert sign_in(browser, url, ada, allow=False) == (403, "Not signed in: the person did not allow it")
        sign_in_and_out(url, ada, name)


def test_a_page_of_fastapi_is_told_that_a_session_is_over(issuer, ada):
    with fastapi(issuer) as (url, client_id):
        browser = FormBrowser(issuer)
        assert f"Hello {EMAIL}." in sign_in(browser, url, ada)[1]
        session = jwt.decode(ada.access_token, options={"verify_signature": False})
        who = session["sub"], session["sid"]
        for_another = back_channel.logout_token("rcc_another", *who).text
        for forged in (ada.access_token, for_another, "no token", ""):
            assert told(url, forged) == 400
        assert "Hello" in browser.open(f"{url}/").text
        assert told(url, back_channel.logout_token(client_id, *who).text) == 204
        assert "Sign in</a>" in browser.open(f"{url}/").text


def test_a_page_of_fastapi_is_told_that_all_sessions_of_a_person_end(issuer, ada):
    with fastapi(issuer) as (url, client_id):
        browser = FormBrowser(issuer)
        sign_in(browser, url, ada)
        subject = jwt.decode(ada.access_token, options={"verify_signature": False})["sub"]
        assert told(url, back_channel.logout_token(client_id, "somebody else", "").text) == 204
        assert "Hello" in browser.open(f"{url}/").text
        assert told(url, back_channel.logout_token(client_id, subject, "").text) == 204
        assert "Sign in</a>" in browser.open(f"{url}/").text


def test_a_page_of_express_signs_people_in_and_out(issuer, ada, tmp_path):
    with express(issuer, tmp_path) as url:
        sign_in_and_out(url, ada, EMAIL)


def test_a_page_of_express_bears_a_no_and_people_without_an_address(issuer, ada, tmp_path):
    name = without_address(ada)
    with express(issuer, tmp_path) as url:
        browser = FormBrowser(issuer)
        assert sign_in(browser, url, ada, allow=False) == (403, "Not signed in: the person did not allow it")
        sign_in_and_out(url, ada, name)


def test_an_mcp_client_finds_its_way_to_a_server_that_trusts_us(issuer, ada):
    port, callback = free_port(), f"http://127.0.0.1:{free_port()}/callback"
    resource, python = f"http://127.0.0.1:{port}/mcp", python_of("mcp") / "python"
    client, _ = a_client(
        type="public", redirect_uris=[callback], scopes=["notes:read"], audiences=[resource], name="Notes"
    )
    told = {"url": resource, "client_id": client["client_id"], "redirect_uri": callback, "issuer": issuer}
    with serving([python, EXAMPLES / "mcp" / "server.py"], port, ISSUER=issuer, RESOURCE=resource, PORT=str(port)):
        assert status_of(resource) == 401
        with running([python, ROOT / "tests" / "peers" / "mcp" / "client.py"], told) as program:
            program.tell(ada.go(program.hear()["url"]))
            assert program.hear() == {"note": "water the plants", "scope": "notes:read"}


@pytest.mark.parametrize("address", [True, False], ids=["with an address", "without"])
def test_a_command_line_signs_its_person_in_on_another_device(issuer, ada, address):
    _, _, me = ada.call("GET", "/me")
    if not address:
        without_address(ada)
    client, _ = a_client(
        type="public",
        redirect_uris=[],
        scopes=["openid", "email", "offline_access"],
        grant_types=["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
    )
    command = [sys.executable, EXAMPLES / "command_line" / "sign_in.py"]
    with running(command, ISSUER=issuer, CLIENT_ID=client["client_id"]) as program:
        page, code = re.fullmatch(r"Open (\S+) and enter (\S+)\n", program.read()).groups()
        assert page == f"{issuer}/account/device"
        assert ada.call("POST", "/oauth2/device/approve", {"user_code": code, "allow": True})[0] == 200
        assert program.read() == f"Signed in as {EMAIL if address else me['id']}\n"


def told(url: str, logout_token: str) -> int:
    """The status with which a page takes a logout token."""
    connection = http.client.HTTPConnection(url.split("/")[2], timeout=60)
    try:
        form = urlencode({"logout_token": logout_token})
        connection.request("POST", "/session-ended", form, {"Content-Type": "application/x-www-form-urlencoded"})
        return connection.getresponse().status
    finally:
        connection.close()


def status_of(url: str) -> int:
    """The status of a call of an MCP server by nobody."""
    connection = http.client.HTTPConnection(url.split("/")[2], timeout=60)
    try:
        connection.request("POST", "/mcp", "{}", {"Content-Type": "application/json"})
        return connection.getresponse().status
    finally:
        connection.close()
