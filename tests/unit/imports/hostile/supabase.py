"""Supabase's."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.imports.hostile import SECRET, array, table

HEADER = "id,email,encrypted_password,raw_app_meta_data,raw_user_meta_data,identities,mfa_factors,banned_until"
B64 = "YWFhYWFhYWFhYWFhYWFhYQ"
KEY = "a" * 86


def cells(email: str = "a@example.com", **members: str) -> str:
    names = HEADER.split(",")[2:]
    return ",".join(["u", email, *(f'"{members.get(name, "")}"' for name in names)])


def row(**members: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "id": "u",
        "email": "a@example.com",
        "encrypted_password": None,
        "raw_user_meta_data": {},
    }
    return {**base, **members}


def hashed(text: str) -> bytes:
    return array(row(encrypted_password=text))


FILES = {
    "a plain password": (hashed(SECRET), "unsupported kind"),
    "a hash that the project encrypted": (
        hashed(json.dumps({"key_id": "k", "alg": "aes-gcm-hkdf", "data": SECRET, "nonce": "n"})),
        "encrypted with a key of the project",
    ),
    "a hash that nobody can check": (hashed("$y$j9T$abc$" + "a" * 43), "yescrypt"),
    "a hash that is an object": (array(row(encrypted_password={"value": SECRET})), "must be a password hash"),
    "a dear bcrypt": (hashed("$2a$31$" + "." * 53), "cost above 15"),
    "a dear argon2": (hashed(f"$argon2id$v=19$m=4194304,t=2,p=1${B64}${B64}"), "asks for more"),
    "a dear scrypt": (hashed(f"$fbscrypt$v=1,n=63,r=8,p=1,ss=Bw==,sk={KEY}${B64}${KEY}"), "from 1 to 14"),
    "a scrypt without its key": (hashed(f"$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==${B64}${KEY}"), "as Supabase writes it"),
    "a scrypt of another key": (hashed(f"$fbscrypt$v=1,n=14,r=8,p=1,sk={KEY}${B64}${B64}"), "is not as long"),
    "a torn scrypt": (hashed(f"$fbscrypt$v=1,n=14,r=8${SECRET}"), "as Supabase writes it"),
    "a huge hash": (hashed("$2a$" + "x" * 9_999), "4,096 characters"),
    "a secret that is no text": (
        array(row(mfa_factors=[{"factor_type": "totp", "status": "verified", "secret": [SECRET]}])),
        "256 characters",
    ),
    "a secret that is none": (
        array(row(factors=[{"factor_type": "totp", "status": "verified", "secret": f"{SECRET} is none!"}])),
        "in base 32",
    ),
    "an encrypted secret": (
        array(row(factors=[{"factor_type": "totp", "status": "verified", "secret": f'{{"data":"{SECRET}"}}'}])),
        None,
    ),
    "factors that are an object": (array(row(factors={"secret": SECRET})), "must be a list of objects"),
    "a factor that is a text": (array(row(mfa_factors=[SECRET])), "must be a list of objects"),
    "identities that are a text": (table(HEADER, cells(identities=f"[{SECRET}")), "must be a list of objects"),
    "an identity without a provider": (array(row(identities=[{"identity_data": {"sub": "7"}}])), "must name a"),
    "a provider that is a list": (array(row(identities=[{"provider": ["google"], "id": "7"}])), "must name a"),
    "an identity without a subject": (array(row(identities=[{"provider": "google"}])), "must name a provider"),
    "a subject that is an object": (
        array(row(identities=[{"provider": "google", "identity_data": {"sub": {"a": SECRET}}}])),
        "texts of 1 to 255",
    ),
    "data of an identity that is none": (
        array(row(identities=[{"provider": "google", "identity_data": SECRET, "provider_id": "7"}])),
        None,
    ),
    "own data that are a list": (array(row(raw_user_meta_data=[SECRET])), "must be an object"),
    "own data that are torn": (table(HEADER, cells(raw_user_meta_data='{""name"":')), "must be an object"),
    "own data that name a member twice": (
        table(HEADER, cells(raw_user_meta_data='{""a"": 1, ""a"": 2}')),
        "must be an object",
    ),
    "own data too deep": (array(row(raw_user_meta_data=json.loads('{"a":' * 40 + "1" + "}" * 40))), "nested more"),
    "own data too large": (array(row(raw_user_meta_data={"bio": "x" * 9_000})), "8,192 bytes"),
    "a name that is an object": (array(row(raw_user_meta_data={"full_name": {"first": "A"}})), "must be text"),
    "the project's data that are a text": (array(row(raw_app_meta_data=SECRET)), "must be a JSON object"),
    "roles that are an object": (array(row(raw_app_meta_data={"roles": {"admin": True}})), None),
    "a claim among the project's data": (array(row(raw_app_meta_data={"roles": ["admin"]})), None),
    "a ban without an end": (array(row(banned_until="for ever")), "must be a time"),
    "a ban of an object": (array(row(banned_until={"$gt": ""})), "must be a time"),
    "a ban, unprivileged": (array(row(banned_until="2124-01-01T00:00:00Z")), "privileged imports only"),
    "an address that is an object": (array(row(email={"$gt": ""})), "is not an email address"),
    "one address twice": (table(HEADER, cells(), cells().replace("u,", "v,", 1)), "is that of line 2 too"),
    "a phone that is a number": (array(row(phone=4915112345678)), None),
    "cells too few": (table(HEADER, "u,a@example.com"), "has 2 cells"),
    "a column twice": (table(f"{HEADER},email", cells() + ",b@example.com"), "names a column twice"),
    "a member twice": (b'[{"encrypted_password": "", "raw_user_meta_data": {}, "id": 1, "id": 2}]', "twice"),
    "rows over several lines": (b'{"id": "u", "raw_user_meta_data": {},\n "encrypted_password": ""}', "over several"),
    "torn": (array(row())[:-9], "ends within"),
    "torn in its wrapper": (json.dumps({"aud": "x", "users": [row()]}).encode()[:-9], "ends within"),
}  # fmt: skip

ALIKE = {
    "a table of Devise": (table("email,encrypted_password,reset_password_token", "a@b.example,,"), None),
    "identities alone": (table("provider_id,user_id,identity_data,provider", "7,u,{},google"), None),
    "Auth0's with both metadata": (array({"user_id": "a", "app_metadata": {}, "user_metadata": {}}), "Auth0"),
    "Firebase's wrapper": (json.dumps({"users": [{"localId": "a"}]}).encode(), "Firebase"),
    "our own with identities": (b'{"id": "u", "email": "a@b.example", "identities": []}\n', "Rollcall"),
    "a row with no identities": (json.dumps(row(identities=[])).encode() + b"\n", "Supabase"),
    "a table with few of its columns": (
        table("id,email,encrypted_password,raw_user_meta_data", "u,,,"),
        "Supabase",
    ),
    "the api's": (json.dumps({"users": [{"id": "u", "aud": "x", "app_metadata": {}}]}).encode(), "Supabase"),
    "mixed with Firebase's": (array(row(), {"localId": "a"}), "Firebase"),
}
