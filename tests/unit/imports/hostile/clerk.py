"""Clerk's."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.imports.hostile import SECRET, array, table

HEADER = (
    "id,first_name,last_name,username,primary_email_address,primary_phone_number,verified_email_addresses,"
    "unverified_email_addresses,verified_phone_numbers,unverified_phone_numbers,totp_secret,password_digest,"
    "password_hasher"
)


def row(
    digest: str = "", hasher: str = "", totp: str = "", email: str = "a@example.com", user_id: str = "u"
) -> str:
    return f"{user_id},,,,{email},,,,,,{totp},{digest},{hasher}"


def user(**members: Any) -> dict[str, Any]:
    address = {"id": "i", "email_address": "a@example.com", "verification": {"status": "verified"}}
    return {"id": "u", "primary_email_address_id": "i", "email_addresses": [address], **members}


FILES = {
    "a plain password": (table(HEADER, row(SECRET, "bcrypt")), "unsupported kind"),
    "a hasher that nobody has": (table(HEADER, row(SECRET, "rot13")), "must be one of argon2i"),
    "a lazy migration": (table(HEADER, row(f"awscognito#{SECRET}#a#b", "awscognito")), "is with Cognito alone"),
    "a dear hash": (table(HEADER, row("$2b$31$" + "." * 53, "bcrypt")), "cost above 15"),
    "a factor that is none": (table(HEADER, row(totp=f"{SECRET} is not base 32!")), "in base 32"),
    "a hash of nobody's address": (table(HEADER, row("$2a$05$" + "C" * 53, "bcrypt", email="")), "needs an email"),
    "cells too few": (table(HEADER, "u,a@example.com"), "has 2 cells"),
    "a column twice": (table(f"{HEADER},id", row() + ",v"), "names a column twice"),
    "one address twice": (table(HEADER, row(), row(user_id="v")), "is that of line 2 too"),
    "a path as an address": (table(HEADER, row(email="../etc/passwd")), "is not an email address"),
    "metadata that is no json": (table(f"{HEADER},private_metadata", row() + ",{"), "must be a JSON object"),
    "metadata that is a list": (array(user(private_metadata=[SECRET])), "must be a JSON object"),
    "attributes that are a text": (array(user(unsafe_metadata="x")), "must be a JSON object"),
    "attributes too deep": (array(user(unsafe_metadata=json.loads('{"a":' * 40 + "1" + "}" * 40))), "nested more"),
    "accounts that are an object": (array(user(external_accounts={"provider": SECRET})), "must be a list of objects"),
    "an account of no provider": (array(user(external_accounts=[{"provider_user_id": "7"}])), "must name a provider"),
    "a subject of an object": (
        array(user(external_accounts=[{"provider": "oauth_google", "provider_user_id": {"a": SECRET}}])),
        "texts of 1 to 255",
    ),
    "an account that nobody proved": (
        array(
            user(
                external_accounts=[
                    {"provider": "oauth_google", "provider_user_id": "7", "verification": {"status": "unverified"}}
                ]
            )
        ),
        None,
    ),
    "addresses that are a text": (array(user(email_addresses=SECRET), user(id="v", email_addresses=[SECRET])), None),
    "an address that is an object": (array(user(primary_email_address={"$gt": ""})), "is not an email address"),
    "a name that is a list": (array(user(first_name=["A"], last_name={"b": 1})), None),
    "a banned person, unprivileged": (array(user(banned=True)), "privileged imports only"),
    "a member twice": (b'[{"id": "u", "primary_email_address_id": "i", "id": "v"}]', "names one member twice"),
    "torn": (array(user())[:-9], "ends within"),
}  # fmt: skip

ALIKE = {
    "what its sdk answers": (json.dumps({"data": [user()], "totalCount": 1}).encode(), "Clerk"),
    "no people in data": (b'{"data": [], "totalCount": 0}', None),
    "data of a person": (b'{"email": "a@example.com", "data": [{"id": "u"}]}', None),
    "somebody's table with a primary address": (table("primary_email_address,name", "a@b.example,Ann"), None),
    "Auth0's with names of Clerk's": (array({"user_id": "a", "identities": [], "banned": False}), "Auth0"),
    "organizations": (array({"id": "org_1", "object": "organization", "public_metadata": {}}), None),
    "the sdk's": (array({"id": "user_1", "primaryEmailAddressId": "idn_1"}), "Clerk"),
}
