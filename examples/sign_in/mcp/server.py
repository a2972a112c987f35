"""An MCP server whose tools are for people who signed in with Rollcall: docs/recipes.md says how to start it.

It takes access tokens that were made for it alone: `aud` is its own URL, which applications name as `resource`.
"""

import os

import jwt
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import MCPServer

ISSUER, RESOURCE, PORT = os.environ["ISSUER"], os.environ["RESOURCE"], int(os.environ["PORT"])

keys = jwt.PyJWKClient(f"{ISSUER}/.well-known/jwks.json")


class Verifier:
    """Checks access tokens as RFC 9068 says."""

    async def verify_token(self, token: str) -> AccessToken | None:
        try:
            if jwt.get_unverified_header(token).get("typ") != "at+jwt":
                return None
            key = keys.get_signing_key_from_jwt(token)
            claims = jwt.decode(token, key, algorithms=[key.algorithm_name], audience=RESOURCE, issuer=ISSUER)
        except jwt.PyJWTError:
            return None
        return AccessToken(
            token=token,
            client_id=claims["client_id"],
            scopes=claims["scope"].split(),
            expires_at=claims["exp"],
            resource=RESOURCE,
            subject=claims["sub"],
            claims=claims,
        )


server = MCPServer(
    "notes",
    token_verifier=Verifier(),
    auth=AuthSettings(
        issuer_url=ISSUER,
        resource_server_url=RESOURCE,
        required_scopes=["notes:read"],
        validate_token_resource=True,
    ),
)


@server.tool()
def latest_note() -> str:
    """The latest note of whoever asks."""
    return "water the plants"


if __name__ == "__main__":
    server.run("streamable-http", host="127.0.0.1", port=PORT)
