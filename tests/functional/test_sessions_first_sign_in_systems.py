"""The first sign-in where the old system is Cognito, as moto has it, or has a token endpoint."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import jwt
import pytest
import requests

from infra.stage import Stage
from tests.environment import REGION
from tests.functional.old_systems import SECRET, asked_first, keep_secret, waiting
from tests.functional.receivers import receiving
from tests.functional.visitors import Visitor
from tests.serving import served
from tools import doctor

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.usefixtures("held_clock"), pytest.mark.slow]

ADA, BEA = "ada@maths.example", "bea@maths.example"
WRONG = "not the right password"
PASSWORD = "Violet otter sings at noon 7!"
"""As user pools want one."""


def enter(email: str, password: str = PASSWORD):
    return Visitor().call("POST", "/sessions", {"email": email, "password": password})


@contextmanager
def bridge() -> Iterator[str]:
    """The URL of a server that hands requests on to moto's Cognito as they are."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name: self.headers[name] for name in ("Content-Type", "X-Amz-Target")}
            answer = requests.post(
                f"https://cognito-idp.{REGION}.amazonaws.com/", data=body, headers=headers, timeout=5
            )
            self.send_response(answer.status_code)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with served(server):
        yield f"http://127.0.0.1:{server.server_port}/"


def test_people_of_a_user_pool_come_in_with_their_passwords(aws, capsys):
    cognito = aws.session.client("cognito-idp", region_name=REGION)
    pool = cognito.create_user_pool(PoolName="people", UsernameAttributes=["email"])["UserPool"]["Id"]
    client = cognito.create_user_pool_client(UserPoolId=pool, ClientName="rollcall", GenerateSecret=True)
    client = client["UserPoolClient"]
    for email in (ADA, BEA):
        attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
        cognito.admin_create_user(UserPoolId=pool, Username=email, UserAttributes=attributes)
        waiting(email)
    cognito.admin_set_user_password(UserPoolId=pool, Username=ADA, Password=PASSWORD, Permanent=True)
    cognito.admin_set_user_password(UserPoolId=pool, Username=BEA, Password=PASSWORD, Permanent=False)
    keep_secret(aws, client["ClientSecret"])
    with bridge() as url, asked_first(url, kind="cognito", client_id=client["ClientId"], secret=True):
        assert enter(ADA, WRONG).status == 401
        assert enter(ADA).status == 201
        assert enter(BEA).status == 401, "a temporary password is good for nothing but to choose another"
        cognito.delete_user_pool(UserPoolId=pool)
        assert enter(ADA).status == 201
        assert enter(BEA).status == 401
    assert "ResourceNotFoundException, which is about the user pool's client" in capsys.readouterr().out


def test_people_of_a_token_endpoint_come_in_with_their_passwords(aws):
    waiting(ADA)
    with (
        receiving() as receiver,
        asked_first(receiver.url, kind="password-grant", client_id="rollcall", realm="db"),
    ):
        receiver.status, receiver.body = 403, b'{"error": "invalid_grant", "error_description": "Wrong password."}'
        assert enter(ADA, WRONG).status == 401
        claims = {"sub": "auth0|7", "email": ADA, "name": "Ada Lovelace"}
        tokens = {"access_token": "opaque", "id_token": jwt.encode(claims, "k" * 32, "HS256")}
        receiver.status, receiver.body = 200, json.dumps(tokens).encode()
        entered = enter(ADA)
        assert entered.status == 201
        form = parse_qs(receiver.received[-1].body.decode())
    assert (form["username"], form["password"], form["realm"]) == ([ADA], [PASSWORD], ["db"])
    (person,) = aws.rows("users")
    assert person["name"] == "Ada Lovelace"


def test_a_stage_without_the_secret_that_it_needs_is_told(aws):
    asking = Stage("test", {"MIGRATION": '{"kind": "endpoint", "url": "https://old.example/"}'})
    (found,) = doctor.migration_secret(asking)
    assert (found["state"], found["name"]) == ("missing", "migration secret")
    keep_secret(aws, SECRET)
    assert [found["state"] for found in doctor.migration_secret(asking)] == ["good"]
    assert list(doctor.migration_secret(Stage("test", {}))) == []
