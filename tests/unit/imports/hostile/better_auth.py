"""better-auth's."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.imports.hostile import SECRET, array, table

HEADER = "id,name,email,emailVerified,image,createdAt,updatedAt,password,accounts"
KEY = "0" * 128


def user(**members: Any) -> dict[str, Any]:
    empty = {"image": None, "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"}
    return {"id": "u", "name": "Ann", "email": "a@example.com", "emailVerified": True, **empty, **members}


def account(provider: object, subject: object = "7", **members: object) -> dict[str, Any]:
    return user(accounts=[{"providerId": provider, "accountId": subject, **members}])


def row(password: str = "", accounts: str = "") -> str:
    return f"u,Ann,a@example.com,1,,2026-01-01,2026-01-01,{password},{accounts}"


FILES = {
    "a plain password": (array(account("credential", password=SECRET)), "unsupported kind"),
    "a plain password in a table": (table(HEADER, row(SECRET)), "unsupported kind"),
    "a key that is no hex": (table(HEADER, row(f"{SECRET}:{KEY}")), "unsupported kind"),
    "a key that is short": (table(HEADER, row(f"{'0' * 32}:{KEY[:-2]}")), "unsupported kind"),
    "a password that is a list": (array(account("credential", password=[SECRET])), "must be a password hash"),
    "a row for each account": (array(user(providerId="google", accountId="7"), user()), "is that of line 1 too"),
    "accounts that are an object": (array(user(accounts={"providerId": SECRET})), "must be a list of objects"),
    "accounts that are no json": (table(HEADER, row(accounts=f"[{SECRET}")), "must be a list of objects"),
    "accounts of texts": (array(user(accounts=[SECRET, 7, None])), None),
    "an account of no provider": (array(account(None)), None),
    "a provider that is a list": (array(account(["google"])), None),
    "a provider without a subject": (array(account("google", None)), "must name a provider and a subject"),
    "a subject that is an object": (array(account("google", {"$gt": SECRET})), "texts of 1 to 255"),
    "a subject of control characters": (array(account("google", "7\u0000")), "visible characters"),
    "a hundred accounts": (
        array(user(accounts=[{"providerId": f"p{number}", "accountId": "7"} for number in range(100)])),
        "list of up to",
    ),
    "accounts too deep": (table(HEADER, row(accounts=f'"{"[" * 200}"')), "must be a list of objects"),
    "an address that is a number": (array(user(email=7)), "is not an email address"),
    "an id that is a path": (array(user(id="../../x")), None),
    "a banned person, unprivileged": (array(user(banned=True)), "privileged imports only"),
    "a ban that ends nobody knows when": (array(user(banned=1, banExpires="later")), "privileged imports only"),
    "a role that is an object": (array(user(role={"admin": True})), None),
    "a name that is a number": (array(user(name=7)), "must be text"),
    "a member twice": (json.dumps(user())[:-1].encode() + b', "id": "v"}', "names one member twice"),
    "torn": (array(user())[:-9], "ends within"),
    "a table without people": (array({"accountId": "7", "providerId": "google", "userId": "u"}), "table of accounts"),
}  # fmt: skip

ALIKE = {
    "in the names of drizzle": (
        table("id,name,email,email_verified,image,created_at,updated_at", "u,Ann,a@b.example,t,,,"),
        "better-auth",
    ),
    "Firebase's with its members": (array({**user(), "localId": "7"}), "Firebase"),
    "our own": (array({"id": "u", "name": "Ann", "email": "a@example.com", "email_verified": True}), "Rollcall"),
    "an application's own": (
        array({"emailVerified": True, "createdAt": "x", "updatedAt": "x", "mail": "x"}),
        None,
    ),
    "sessions": (
        array({"id": "s", "token": SECRET, "userId": "u", "expiresAt": "x", "ipAddress": ""}),
        None,
    ),
    "second factors": (array({"secret": SECRET, "backupCodes": SECRET, "userId": "u"}), None),
}
