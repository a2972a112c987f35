"""A page with "Sign in", by FastAPI and Authlib: docs/recipes.md says how to start it."""

import html
import os

from authlib.integrations.starlette_client import OAuth, OAuthError
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.middleware.sessions import SessionMiddleware

app = FastAPI()
app.add_middleware(SessionMiddleware, secret_key=os.environ["SESSION_SECRET"])

oauth = OAuth()
oauth.register(
    "rollcall",
    server_metadata_url=f"{os.environ['ISSUER']}/.well-known/openid-configuration",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
)


@app.get("/", response_class=HTMLResponse)
def home(request: Request) -> str:
    person = request.session.get("person")
    if person is None:
        return '<a href="/sign-in">Sign in</a>'
    return f'Hello {html.escape(person["email"])}. <a href="/sign-out">Sign out</a>'


@app.get("/sign-in")
async def sign_in(request: Request) -> RedirectResponse:
    return await oauth.rollcall.authorize_redirect(request, os.environ["BASE_URL"] + "/callback")


@app.get("/callback")
async def callback(request: Request):
    try:
        token = await oauth.rollcall.authorize_access_token(request)
    except OAuthError as error:
        return HTMLResponse(f"Not signed in: {html.escape(error.description or error.error)}", 403)
    request.session["person"] = {"sub": token["userinfo"]["sub"], "email": token["userinfo"]["email"]}
    return RedirectResponse("/")


@app.get("/sign-out")
def sign_out(request: Request) -> RedirectResponse:
    request.session.clear()
    return RedirectResponse("/")
