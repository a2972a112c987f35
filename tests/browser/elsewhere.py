"""What is not ours, on loopback: an identity provider that somebody else wrote, and an application that signs its
people in by Rollcall."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.serving import served
from tools import cloud

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cloud.stage import DeployedStage


@dataclass(frozen=True)
class Provider:
    """`oidc-provider-mock`."""

    url: str

    def knows(self, subject: str, **claims: object) -> str:
        """Give somebody an account there: their subject."""
        body = json.dumps(claims).encode()
        headers = {"Content-Type": "application/json"}
        asked = urllib.request.Request(f"{self.url}/users/{subject}", body, headers, method="PUT")
        with urllib.request.urlopen(asked, timeout=30) as answer:
            assert answer.status == 204
        return subject


@contextmanager
def providing() -> Iterator[Provider]:
    """The provider while the block runs."""
    from oidc_provider_mock import run_server_in_thread

    with run_server_in_thread() as server:
        yield Provider(f"http://localhost:{server.server_port}")


@contextmanager
def connected(deployed: DeployedStage, connection_id: str, name: str, **settings: object) -> Iterator[Provider]:
    """The provider while the block runs, with a connection to it that people see as `name`."""
    with providing() as provider:
        body = {"id": connection_id, "kind": "oidc", "name": name, "issuer": provider.url, **settings}
        client = {"client_id": "rollcall", "client_secret": secrets.token_urlsafe()}
        created = deployed.strong_admin.call("POST", "/connections", {**body, **client})
        assert created.status == 201, created.body
        reads_anew(deployed)
        yield provider


def reads_anew(deployed: DeployedStage) -> None:
    """Let the API go on in new processes: one goes by what it read of connections for a minute. A function's
    configuration that is written, be it with what it had, ends those that were."""
    api, functions = deployed.stage.names.api, cloud.client("lambda")
    timeout = functions.get_function_configuration(FunctionName=api)["Timeout"]
    functions.update_function_configuration(FunctionName=api, Timeout=timeout)
    functions.get_waiter("function_updated_v2").wait(FunctionName=api)


@dataclass
class Application:
    """An application in the browser and on its server: one address that people come back to."""

    deployed: DeployedStage
    issuer: str
    name: str
    url: str = ""
    verifier: str = ""
    proof: dict[str, str] = field(default_factory=dict)
    """The fields by which its server proves who it is."""

    @property
    def redirect_uri(self) -> str:
        return f"{self.url}/callback"

    def registers(self, **settings: object) -> None:
        """Become a client of the stage, which keeps a secret: so its people are asked only once."""
        body = {
            "name": self.name,
            "type": "confidential",
            "token_endpoint_auth_method": "client_secret_post",
            "redirect_uris": [self.redirect_uri],
            "post_logout_redirect_uris": [f"{self.url}/bye"],
            **settings,
        }
        created = self.deployed.strong_admin.call("POST", "/clients", body)
        assert created.status == 201, created.body
        self.proof = {"client_id": created.body["id"], "client_secret": created.body["secret"]}

    def asks_for(self, scope: str, **parameters: str) -> str:
        """The address that it sends somebody to."""
        self.verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(self.verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self.proof["client_id"],
            "redirect_uri": self.redirect_uri,
            "scope": scope,
            "state": "of the application",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **parameters,
        }
        return f"{self.issuer}/oauth2/authorize?{urlencode(query)}"

    def signs_out(self) -> str:
        """The address that it sends somebody to who has signed out there, without proof that they had signed in."""
        query = {
            "client_id": self.proof["client_id"],
            "post_logout_redirect_uri": f"{self.url}/bye",
            "state": "of the application",
        }
        return f"{self.issuer}/oauth2/logout?{urlencode(query)}"

    def gets(self, address: str) -> dict[str, Any]:
        """The tokens for what somebody brought back."""
        brought = dict(parse_qsl(urlsplit(address).query))
        assert brought["state"] == "of the application"
        assert brought["iss"] == self.issuer
        return self.posts(
            "/oauth2/token",
            grant_type="authorization_code",
            code=brought["code"],
            redirect_uri=self.redirect_uri,
            code_verifier=self.verifier,
        )

    def posts(self, path: str, **form: str) -> dict[str, Any]:
        """The answer to a form that its server, or its device, sends."""
        body = urlencode({**self.proof, **form}).encode()
        with urllib.request.urlopen(f"{self.issuer}{path}", body, timeout=120) as answer:
            return dict(json.loads(answer.read()))


@contextmanager
def applying(deployed: DeployedStage, issuer: str, name: str) -> Iterator[Application]:
    """An application whose pages are there while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<!doctype html><html lang=en><link rel=icon href=data:,><title>App</title><h1>Back again</h1>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with served(server):
        yield Application(deployed, issuer, name, f"http://127.0.0.1:{server.server_port}")
