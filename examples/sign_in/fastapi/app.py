"""A page with "Sign in", by FastAPI and Authlib: docs/recipes.md says how to start it."""

import html
import os
from urllib.parse import parse_qsl

from authlib.integrations.starlette_client import OAuth, OAuthError
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.middleware.sessions import SessionMiddleware

ISSUER, CLIENT_ID, BASE_URL = os.environ["ISSUER"], os.environ["CLIENT_ID"], os.environ["BASE_URL"]

app = FastAPI()
app.add_middleware(SessionMiddleware, secret_key=os.environ["SESSION_SECRET"])

oauth = OAuth()
oauth.register(
    "rollcall",
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_id=CLIENT_ID,
    client_secret=os.environ["CLIENT_SECRET"],
    client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
)

ended: dict[str, int] = {}
"""When which session at Rollcall ended, by its `sid`, or all of a person, by their `sub`: for several processes, or for
good, in a database."""


@app.get("/", response_class=HTMLResponse)
def home(request: Request) -> str:
    person = request.session.get("person")
    if person is None or person["sid"] in ended or ended.get(person["sub"], 0) >= person["since"]:
        return '<a href="/sign-in">Sign in</a>'
    return f'Hello {html.escape(person["label"])}. <a href="/sign-out">Sign out</a>'


@app.get("/sign-in")
async def sign_in(request: Request) -> RedirectResponse:
    return await oauth.rollcall.authorize_redirect(request, f"{BASE_URL}/callback")


@app.get("/callback")
async def callback(request: Request):
    try:
        token = await oauth.rollcall.authorize_access_token(request)
    except OAuthError as error:
        return HTMLResponse(f"Not signed in: {html.escape(error.description or error.error)}", 403)
    claims = token["userinfo"]
    # `sub` is who it is, for good. An address changes, and not everybody has one.
    label = claims.get("email") or claims.get("name") or claims["sub"]
    request.session["person"] = {
        "sub": claims["sub"],
        "sid": claims["sid"],
        "since": claims["iat"],
        "label": label,
    }
    request.session["id_token"] = token["id_token"]
    return RedirectResponse("/")


@app.get("/sign-out")
async def sign_out(request: Request) -> RedirectResponse:
    """Here and at Rollcall, which would else answer the next "Sign in" without a question."""
    id_token = request.session.get("id_token")
    request.session.clear()
    return await oauth.rollcall.logout_redirect(
        request, f"{BASE_URL}/", id_token_hint=id_token, client_id=CLIENT_ID
    )


@app.post("/session-ended")
async def session_ended(request: Request) -> Response:
    """Rollcall tells of a session that is over, or of all of a person, by OpenID Connect Back-Channel Logout 1.0."""
    form = dict(parse_qsl((await request.body()).decode("ascii", "replace")))
    keys = KeySet.import_key_set(await oauth.rollcall.fetch_jwk_set(force=True))  # they change
    wanted = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": ISSUER},
        aud={"essential": True, "value": CLIENT_ID},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
    )
    try:
        token = jwt.decode(form.get("logout_token", ""), keys, algorithms=["RS256", "ES256"])
        wanted.validate(token.claims)
    except (JoseError, ValueError):
        return Response(status_code=400)
    if token.header.get("typ") != "logout+jwt":
        return Response(status_code=400)
    ended[token.claims.get("sid") or token.claims["sub"]] = token.claims["iat"]
    return Response(status_code=204)
