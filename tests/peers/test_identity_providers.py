"""People come from identity providers that nobody here wrote: the certified oidc-provider, and Keycloak. They sign in
there, or here with the password that it has."""

from __future__ import annotations

import json
import shutil
from hashlib import pbkdf2_hmac
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pyotp
import pytest

from chalicelib.connections import administration
from chalicelib.passwords.schemes.argon2 import new_hash
from chalicelib.passwords.schemes.phc import Phc
from tests.functional.coming_in import PAGE, Newcomer, arrived
from tests.functional.old_systems import asked_first, keep_secret, waiting
from tests.peers import installing, keycloak
from tests.peers.forms import FormBrowser, Page
from tests.peers.programs import running
from tests.unit.exports.files import ANN, DEV, EVE, TOTP, UUID, exported

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.slow, pytest.mark.peers, pytest.mark.usefixtures("aws", "local_receivers")]

HERE = Path(__file__).parent / "oidc_provider"
HOME = "https://rollcall.example"
CLIENT_ID, CLIENT_SECRET = "rollcall", "a secret of the provider's making, with +/ in it"
EMAIL = "ada@customer.example"


@pytest.fixture
def oidc_provider() -> Iterator[Callable[[str], str]]:
    """Starts the certified provider, with keys of an algorithm: its issuer."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("Node.js or npm is not installed")
    lock = HERE / "package-lock.json"
    if why := installing.install("oidc-provider", lock, [lock.with_name("package.json")], installing.NPM):
        pytest.skip(why)
    module = installing.folder_of("oidc-provider", lock) / "node_modules" / "oidc-provider" / "lib" / "index.js"
    programs = []

    def start(algorithm: str) -> str:
        client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "alg": algorithm}
        client["redirect_uri"] = f"{HOME}/sessions/connections/customer/callback"
        program = running(["node", HERE / "server.mjs"], client, OIDC_PROVIDER=module)
        programs.append(program)
        return f"http://127.0.0.1:{program.__enter__().hear()['port']}"

    yield start
    for program in programs:
        program.__exit__(None, None, None)


@pytest.fixture(scope="module")
def customers(tmp_path_factory: Any) -> str:
    """The issuer of Keycloak's realm, in which Ada has an account."""
    if why := keycloak.missing():
        pytest.skip(why)
    client = {
        "clientId": CLIENT_ID,
        "secret": CLIENT_SECRET,
        "protocol": "openid-connect",
        "publicClient": False,
        "standardFlowEnabled": True,
        "directAccessGrantsEnabled": True,
        "redirectUris": [f"{HOME}/sessions/connections/customer/callback"],
        "attributes": {"pkce.code.challenge.method": "S256"},
    }
    return keycloak.start(tmp_path_factory.mktemp("keycloak"), client)


def connect(issuer: str, **fields: Any) -> None:
    members = {"name": "Customer", "enabled": True, "client_id": CLIENT_ID, "issuer": issuer, **fields}
    administration.create("customer", "oidc", CLIENT_SECRET, members, "ops.example")


def comes(browser: Newcomer, *forms: dict[str, str]) -> Any:
    """What our callback answers to somebody who fills in the provider's forms, one page after the other."""
    elsewhere = FormBrowser(HOME)
    page = elsewhere.open(browser.begin("customer"))
    for fields in forms:
        page = elsewhere.send(page, page.forms()[0], fields)
    return arrive(browser, page)


def arrive(browser: Newcomer, page: Page) -> Any:
    """What our callback answers where the provider has sent the browser back."""
    assert (page.status, page.url.startswith(f"{HOME}/sessions/connections/customer/callback?")) == (0, True), page
    answer = browser.arrive(dict(parse_qsl(urlsplit(page.url).query)), "customer", Accept=PAGE)
    if "__Host-rollcall_refresh" in browser.cookies:
        assert browser.refresh().status == 200
    return answer


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_somebody_comes_from_the_certified_provider(oidc_provider, algorithm):
    connect(oidc_provider(algorithm), trusted_domains=["customer.example"])
    browser = Newcomer()
    assert arrived(comes(browser, {"login": "ada", "password": "any"}, {}))
    me = browser.me()
    assert (me["email"], me["email_verified"], me["name"]) == (EMAIL, True, "ada of the customer")
    again = Newcomer()
    assert arrived(comes(again, {"login": "ada", "password": "any"}, {}))
    assert again.me()["id"] == me["id"]


def test_somebody_who_turns_back_at_the_certified_provider_is_told(oidc_provider):
    connect(oidc_provider("RS256"))
    browser = Newcomer()
    elsewhere = FormBrowser(HOME)
    page = elsewhere.open(browser.begin("customer"))
    answer = arrive(browser, elsewhere.open(f"{page.url}/abort"))
    assert answer.headers["Location"].startswith(f"{HOME}/account/sign-in#")
    assert "__Host-rollcall_refresh" not in browser.cookies


def test_somebody_comes_from_keycloak(customers):
    connect(customers, trusted_domains=["customer.example"])
    browser = Newcomer()
    assert arrived(comes(browser, {"username": "ada", "password": keycloak.PASSWORD}))
    me = browser.me()
    assert (me["email"], me["email_verified"], me["name"]) == (EMAIL, True, "Ada Lovelace")


def test_people_go_to_keycloak_with_their_passwords_and_second_factors(customers):
    """With the file of an export, which its partial import takes."""
    google = {"alias": "google", "providerId": "google", "enabled": True, "config": {"clientId": "of no use"}}
    keycloak.administered(customers, "/identity-provider/instances", json.dumps(google).encode())
    password = "one more long pässword"
    hashed = {
        "argon2": new_hash(password.encode(), memory=19456, passes=2, lanes=1),
        **{
            digest: str(
                Phc(
                    f"pbkdf2-{digest}",
                    {"i": "1000"},
                    b"salt" * 4,
                    pbkdf2_hmac(digest, password.encode(), b"salt" * 4, 1000),
                )
            )
            for digest in ("sha1", "sha256", "sha512")
        },
    }
    people = [
        {**ANN, "totp_secret": None, "password_hash": hashed.pop("argon2")},
        *(
            {**EVE, "id": name, "email": f"{name}@example.com", "password_hash": each}
            for name, each in hashed.items()
        ),
        {**EVE, "id": "off", "email": "off@example.com", "password_hash": hashed["sha1"], "status": "disabled"},
        {**EVE, "id": "otp", "email": "otp@example.com", "password_hash": hashed["sha1"], "totp_secret": TOTP},
        DEV,
    ]
    answer = keycloak.administered(customers, "/partialImport", exported("keycloak", people)[0])
    assert (answer["added"], answer["skipped"]) == (len(people), 0)
    client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    let_in = {
        person["email"]
        for person in people[:-1]
        if keycloak.signed_in(customers, client, username=person["email"], password=password)
    }
    assert let_in == {"Ann@example.com", "sha1@example.com", "sha256@example.com", "sha512@example.com"}
    otp = {"username": "otp@example.com", "password": password, "totp": pyotp.TOTP(TOTP).now()}
    assert keycloak.signed_in(customers, client, **otp)
    roles = keycloak.administered(customers, f"/users/{UUID}/role-mappings/realm")
    assert {role["name"] for role in roles} >= {"admin", "support"}
    (identity,) = keycloak.administered(customers, f"/users/{UUID}/federated-identity")
    assert (identity["identityProvider"], identity["userId"]) == ("google", "113")


def test_somebody_who_moves_from_keycloak_keeps_their_password(customers, aws):
    """It is asked once; whom it wants to choose another password first is refused."""
    for name in ("ada", "grace"):
        waiting(f"{name}@customer.example")
    keep_secret(aws, CLIENT_SECRET)
    browser, token_endpoint = Newcomer(), f"{customers}/protocol/openid-connect/token"

    def enter(name: str, password: str = keycloak.PASSWORD) -> int:
        body = {"email": f"{name}@customer.example", "password": password}
        return int(browser.call("POST", "/sessions", body).status)

    with asked_first(token_endpoint, kind="password-grant", client_id=CLIENT_ID, secret=True, seconds=5):
        assert [enter("ada", "not the password"), enter("ada"), enter("grace")] == [401, 201, 401]
    with asked_first("http://127.0.0.1:1/", kind="password-grant", client_id=CLIENT_ID):
        assert enter("ada") == 201
    person = next(row for row in aws.rows("users") if row["email"] == EMAIL)
    assert (person["name"], person["attributes"]["family_name"]) == ("Ada Lovelace", "Lovelace")
