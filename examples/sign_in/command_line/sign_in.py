"""Sign in to a command line by the device flow (RFC 8628), with Python's standard library alone.

ISSUER=http://localhost:8000 CLIENT_ID=… python sign_in.py
"""

from __future__ import annotations

import json
import os
import time
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
TIMEOUT_SECONDS = 30


def main() -> None:
    issuer, client_id = os.environ["ISSUER"], os.environ["CLIENT_ID"]
    _, endpoints = call(f"{issuer}/.well-known/openid-configuration")
    _, device = call(
        endpoints["device_authorization_endpoint"], client_id=client_id, scope="openid email offline_access"
    )
    print(f"Open {device['verification_uri']} and enter {device['user_code']}", flush=True)
    tokens = wait(endpoints["token_endpoint"], client_id, device)
    _, person = call(endpoints["userinfo_endpoint"], bearer=tokens["access_token"])
    print(f"Signed in as {person.get('email', person['sub'])}", flush=True)


def wait(token_endpoint: str, client_id: str, device: dict[str, Any]) -> dict[str, Any]:
    """Ask for the tokens, as often as the provider allows, until the person has said yes or no."""
    interval = device.get("interval", 5)
    while True:
        time.sleep(interval)
        status, answer = call(
            token_endpoint, grant_type=DEVICE_GRANT, device_code=device["device_code"], client_id=client_id
        )
        if status == 200:
            return answer
        if answer["error"] == "slow_down":
            interval += 5
        elif answer["error"] != "authorization_pending":
            raise SystemExit(f"Not signed in: {answer['error']}")


def call(url: str, bearer: str = "", **form: str) -> tuple[int, dict[str, Any]]:
    """The status and the JSON of an answer, to a form if there is one."""
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    try:
        with urlopen(
            Request(url, urlencode(form).encode() if form else None, headers), timeout=TIMEOUT_SECONDS
        ) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)


if __name__ == "__main__":
    main()
