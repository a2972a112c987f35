"""Browsers in which people come in from an identity provider, and connections to it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from chalicelib.accounts import people
from chalicelib.accounts.routes import accounts as account_routes
from chalicelib.connections import administration
from chalicelib.connections.routes import connections as connection_routes
from chalicelib.core.http.declarations import FORM
from chalicelib.directory.routes import directory
from chalicelib.factors.routes import factors as factor_routes
from chalicelib.identities.routes import identities as identity_routes
from chalicelib.sessions.routes import sessions as session_routes
from tests.functional.apps import Answer, ApiClient
from tests.functional.providers import ALICE, callback_of, providing
from tests.functional.visitors import Browser

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chalicelib.accounts.rows import Person
    from tests.functional.providers import Provider

PAGE = "text/html,application/xhtml+xml"
STRICT = ("__Host-rollcall_refresh", "__Host-rollcall_device", "__Host-rollcall_asker")
"""The cookies that a browser does not bring where another site sent it (`SameSite=Strict`)."""


def connect(provider: Provider, connection_id: str = "corp", kind: str = "oidc", **fields: Any) -> None:
    """Make a connection to a provider, as an administrator of another domain does."""
    own = {"issuer": provider.url} if kind not in {"github", "oauth2"} else {}
    members = {"name": "Corp", "enabled": True, "client_id": provider.client_id, **own, **fields}
    secret = members.pop("private_key", provider.client_secret)
    administration.create(connection_id, kind, secret, members, "ops.example")


@contextmanager
def connected(connection_id: str = "corp", *, person: dict[str, Any] = ALICE, **fields: Any) -> Iterator[Provider]:
    """A provider, at which `person` signs in, and a connection to it."""
    with providing(person=dict(person)) as provider:
        connect(provider, connection_id, **fields)
        yield provider


def person_of(email: str) -> Person | None:
    return people().find_by_email(email)


class Newcomer(Browser):
    """A browser. What the provider's page sends it with comes from another site."""

    def __init__(self) -> None:
        super().__init__()
        ApiClient.__init__(
            self,
            account_routes,
            connection_routes,
            directory,
            factor_routes,
            identity_routes,
            session_routes,
        )

    def begin(self, connection_id: str = "corp", **query: str) -> str:
        """Where our own page is sent to: the provider."""
        path = f"/sessions/connections/{connection_id}"
        answer = self.call("GET", f"{path}?{urlencode(query)}" if query else path)
        assert answer.status == 303, answer
        return answer.headers["Location"]

    def arrive(self, parameters: Mapping[str, str], connection_id: str = "corp", **headers: str) -> Answer:
        """Follow the provider's redirect. Strict cookies stay at home."""
        kept = {name: value for name, value in self.cookies.items() if name not in STRICT}
        sent = "; ".join(f"{name}={value}" for name, value in kept.items())
        origin, self.origin, token, self.access_token = self.origin, "", self.access_token, ""
        try:
            headers = {"Cookie": sent, **headers} if sent else headers
            return self.call("GET", callback_of(connection_id, dict(parameters)), **headers)
        finally:
            self.origin, self.access_token = origin, token

    def post(self, parameters: Mapping[str, str], connection_id: str = "corp", **headers: str) -> Answer:
        """Post the provider's form, with the cookies that are sent from any site."""
        flows = {name: value for name, value in self.cookies.items() if "_flow_" in name}
        sent = "; ".join(f"{name}={value}" for name, value in flows.items())
        path = f"/sessions/connections/{connection_id}/callback"
        body = urlencode(parameters).encode()
        return self.call("POST", path, body, Content_Type=FORM, Cookie=sent, Origin="null", **headers)

    def come(self, provider: Provider, connection_id: str = "corp", **person: Any) -> Answer:
        """Sign in at the provider, and go on with the session if there is one."""
        answer = self.arrive(provider.authorize(self.begin(connection_id), **person), connection_id)
        if answer.status == 303 and "__Host-rollcall_refresh" in self.cookies:
            self.refresh()
        return answer

    def me(self) -> dict[str, Any]:
        answer = self.call("GET", "/me")
        assert answer.status == 200, answer
        return dict(answer.body)

    def pending(self) -> Answer:
        return self.call("POST", "/sessions/connections/pending", {})


def arrived(answer: Answer, path: str = "/account/connected") -> bool:
    """Whether an answer sends the browser to a page of ours."""
    return (answer.status, answer.headers.get("Location")) == (303, f"https://rollcall.example{path}")


def reason(answer: Answer) -> str:
    """Why a sign-in failed, of a problem document."""
    return str(answer.body.get("reason") or answer.body["type"])
