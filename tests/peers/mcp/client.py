"""An MCP client, by the protocol's own SDK: it finds out by itself who authorizes it, prints where to send the browser,
reads where the browser came back to, and calls a tool.

    python client.py '{"url": "http://127.0.0.1:1/mcp", "client_id": "…", "redirect_uri": "http://127.0.0.1:2/callback"}'

Without a client id it registers itself (RFC 7591), with the `initial_access_token`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp import ClientSession
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken

CALL_SECONDS = 60


class Memory:
    """What the SDK asks to keep."""

    def __init__(self, client: OAuthClientInformationFull | None) -> None:
        self.client = client
        self.tokens: OAuthToken | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


def say(words: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


async def send_browser(url: str) -> None:
    say({"url": url})


async def browser_came_back() -> AuthorizationCodeResult:
    line = await asyncio.to_thread(sys.stdin.readline)
    query = {name: values[0] for name, values in parse_qs(urlsplit(line.strip()).query).items()}
    return AuthorizationCodeResult(code=query["code"], state=query.get("state"), iss=query.get("iss"))


async def main(config: dict[str, Any]) -> None:
    metadata = OAuthClientMetadata(
        client_name="a client of notes",
        redirect_uris=[config["redirect_uri"]],
        grant_types=["authorization_code", "refresh_token"],
        response_types=["code"],
        token_endpoint_auth_method="none",
    )
    registered = None
    if config.get("client_id"):
        registered = OAuthClientInformationFull(
            client_id=config["client_id"], issuer=config["issuer"], **metadata.model_dump(exclude_none=True)
        )
    memory = Memory(registered)
    auth = OAuthClientProvider(config["url"], metadata, memory, send_browser, browser_came_back)
    async with (
        httpx2.AsyncClient(auth=auth, timeout=CALL_SECONDS) as http,
        streamable_http_client(config["url"], http_client=http) as (read, write, *_),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        result = await session.call_tool("latest_note", {})
    say({"note": result.content[0].text, "scope": memory.tokens and memory.tokens.scope})


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
