"""NextAuth's."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.imports.hostile import SECRET, array, table

HEADER = "id,name,email,emailVerified,image,accounts"


def user(**members: Any) -> dict[str, Any]:
    return {"id": "u", "name": "Ann", "email": "a@example.com", "emailVerified": None, "image": None, **members}


def account(provider: object, subject: object = "7", **members: object) -> dict[str, Any]:
    return user(accounts=[{"provider": provider, "providerAccountId": subject, **members}])


def row(accounts: str = "", email: str = "a@example.com", verified: str = "") -> str:
    return f"u,Ann,{email},{verified},,{accounts}"


FILES = {
    "a plain password": (array(user(password=SECRET)), "unsupported kind"),
    "a plain hashed password": (array(user(hashedPassword=SECRET)), "unsupported kind"),
    "a dear hash": (array(user(hashedPassword="$2b$31$" + "." * 53)), "cost above 15"),
    "a yescrypt hash": (array(user(password="$y$j9T$abc$def")), "yescrypt"),
    "a digest alone": (array(user(password="5f4dcc3b5aa765d61d8327deb882cf99")), "digest alone"),
    "two rows of one person": (array(user(), user(emailVerified="2024-03-05T10:11:12Z")), "is that of line 1 too"),
    "accounts that are a number": (array(user(accounts=7)), "must be a list of objects"),
    "accounts that are no json": (table(HEADER, row("{")), "must be a list of objects"),
    "accounts of lists": (array(user(accounts=[[SECRET]])), None),
    "a provider that is a number": (array(account(7)), None),
    "a type that is a list": (array(account("google", type=["oidc"])), None),
    "a provider without a subject": (array(account("google", "")), "must name a provider and a subject"),
    "a subject that is true": (array(account("google", True)), "must be texts"),
    "a huge subject": (array(account("google", "7" * 999)), "texts of 1 to 255"),
    "an address that is a list": (array(user(email=["a@example.com"])), "is not an email address"),
    "two addresses": (table(HEADER, row(email="a@b.example;c@d.example")), "is not an email address"),
    "a database's id that is an object": (array(user(id=None, _id={"$oid": {"$gt": SECRET}})), None),
    "cells too many": (table(HEADER, row() + ",,x"), "has 8 cells"),
    "a column twice": (table(f"{HEADER},id", row()), "names a column twice"),
    "not utf-8": (table(HEADER, row()).replace(b"Ann", b"\xdc"), "is not UTF-8"),
    "a member twice": (json.dumps(user())[:-1].encode() + b', "id": "v"}', "names one member twice"),
    "torn": (array(user())[:-9], "ends within"),
    "a table without people": (array({"userId": "u", "provider": "x", "providerAccountId": "7"}), "table of accounts"),
}  # fmt: skip

ALIKE = {
    "of MongoDB": (array({"_id": {"$oid": "6" * 24}, "emailVerified": None, "image": None}), "NextAuth"),
    "with times, so read as better-auth's": (array({**user(), "createdAt": "x", "updatedAt": "x"}), "better-auth"),
    "of TypeORM": (table("id,name,email,email_verified,image", "u,Ann,a@b.example,,"), "NextAuth"),
    "Auth0's": (array({"user_id": "a", "identities": [], "email_verified": True, "picture": "x"}), "Auth0"),
    "our own": (table("id,name,email,email_verified", "u,Ann,a@b.example,true"), "Rollcall"),
    "a MongoDB export of no system": (array({"_id": {"$oid": "6" * 24}, "mail": "a@b.example"}), None),
}  # fmt: skip
