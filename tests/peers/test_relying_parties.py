"""Applications sign people in with us by libraries that nobody here wrote: the certified openid-client, and go-oidc."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from chalicelib.core.settings import settings
from chalicelib.oauth import client_rules
from tests.functional.relying_party import a_client
from tests.peers import installing
from tests.peers.people import Person
from tests.peers.programs import running
from tests.serving import listening

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.slow, pytest.mark.peers]

HERE = Path(__file__).parent / "relying_parties"
CALLBACK = "http://127.0.0.1:4567/callback"
EMAIL = "ada@maths.example"


@pytest.fixture
def issuer(aws: Any) -> Iterator[str]:
    """An empty stage's app, where who registers is in at once."""
    with listening() as url, settings.held(public_url=url, email_verification="optional"):
        yield url


@pytest.fixture
def ada(issuer: str) -> Person:
    return Person(issuer, EMAIL).register()


@pytest.fixture(scope="module")
def openid_client() -> tuple[list[str | Path], dict[str, Path]]:
    """The command of the application in JavaScript, and its environment."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("Node.js or npm is not installed")
    lock = HERE / "openid_client" / "package-lock.json"
    why = installing.install("openid-client", lock, [lock.with_name("package.json")], installing.NPM)
    if why:
        pytest.skip(why)
    module = installing.folder_of("openid-client", lock) / "node_modules" / "openid-client" / "build" / "index.js"
    return ["node", HERE / "openid_client" / "client.mjs"], {"OPENID_CLIENT": module}


@pytest.fixture(scope="module")
def go_oidc() -> Path:
    """The program in Go."""
    if not shutil.which("go"):
        pytest.skip("Go is not installed")
    lock, build = HERE / "go_oidc" / "go.sum", ("go", "build", "-o", "client", ".")
    further = [lock.with_name("go.mod"), lock.with_name("main.go")]
    if why := installing.install("go-oidc", lock, further, build):
        pytest.skip(why)
    return installing.folder_of("go-oidc", lock) / "client"


def registered(**fields: Any) -> dict[str, Any]:
    """What an application is told of itself."""
    client, secret = a_client(**{"redirect_uris": [CALLBACK], **fields})
    told = {"client_id": client["client_id"], "redirect_uri": CALLBACK}
    return told if secret is None else {**told, "client_secret": secret}


def a_key() -> tuple[dict[str, Any], dict[str, Any]]:
    """A key of a client: the private half, and the set that is registered."""
    private = ec.generate_private_key(ec.SECP256R1())
    private_jwk = json.loads(ECAlgorithm.to_jwk(private)) | {"kid": "k1", "alg": "ES256"}
    public = {name: value for name, value in private_jwk.items() if name not in {"d", "key_ops"}}
    return {name: value for name, value in private_jwk.items() if name != "key_ops"}, {"keys": [public]}


@pytest.mark.parametrize("way", ["basic", "post", "private_key_jwt", "public", "pushed", "first_party"])
def test_openid_client_signs_somebody_in(issuer, ada, openid_client, way):
    command, environment = openid_client
    private, key_set = a_key()
    fields: dict[str, dict[str, Any]] = {
        "post": {"token_endpoint_auth_method": "client_secret_post"},
        "private_key_jwt": {"token_endpoint_auth_method": "private_key_jwt", "jwks": key_set},
        "public": {"type": "public"},
        "pushed": {"require_par": True},
        "first_party": {"first_party": True},
    }
    told = registered(**fields.get(way, {})) | {"issuer": issuer, "scope": "openid profile email offline_access"}
    told |= {"by_post": way == "post", "pushed": way == "pushed", "max_age": 300, "parameters": {"max_age": "300"}}
    if way == "private_key_jwt":
        told["private_jwk"] = private
    with running(command, told, **environment) as application:
        application.tell(ada.go(application.hear()["url"]))
        signed_in = application.hear()
        assert signed_in["claims"]["email"] == signed_in["userinfo"]["email"] == EMAIL
        assert signed_in["claims"]["amr"] == ["pwd"]
        assert signed_in["userinfo"]["name"] == "Ada"
        assert signed_in["has_refresh_token"]
        refreshed = application.hear()
    assert refreshed["rotated"]
    if way != "public":
        assert (refreshed["active"], refreshed["active_after"]) == (True, False)


def test_openid_client_hears_that_somebody_did_not_allow_it(issuer, ada, openid_client):
    command, environment = openid_client
    told = registered() | {"issuer": issuer, "scope": "openid email"}
    with running(command, told, **environment) as application:
        application.tell(ada.go(application.hear()["url"], allow=False))
        with pytest.raises(AssertionError, match="access_denied"):
            application.hear()


def test_openid_client_signs_somebody_in_on_another_device(issuer, ada, openid_client):
    command, environment = openid_client
    client, _ = a_client(
        type="public", redirect_uris=[], scopes=["openid", "email"], grant_types=[client_rules.DEVICE_CODE]
    )
    told = {"issuer": issuer, "client_id": client["client_id"], "scope": "openid email", "device": True}
    with running(command, told, **environment) as application:
        shown = application.hear()
        assert shown["verification_uri"] == f"{issuer}/account/device"
        approved = ada.call("POST", "/oauth2/device/approve", {"user_code": shown["user_code"], "allow": True})
        assert approved[0] == 200
        application.tell()
        assert application.hear() == {"scope": "openid email"}


def test_go_oidc_signs_somebody_in(issuer, ada, go_oidc):
    scopes = ["openid", "email", "offline_access"]
    with running([go_oidc], registered() | {"issuer": issuer, "scopes": scopes}) as application:
        application.tell(ada.go(application.hear()["url"]))
        me = ada.call("GET", "/me")[2]
        expected = {"sub": me["id"], "email": EMAIL, "proved": False, "rotated": True}
        assert application.hear() == expected
