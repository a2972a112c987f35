"""Django's."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.imports.hostile import SECRET, array, table

HEADER = "id,password,last_login,is_superuser,username,first_name,last_name,email,is_staff,is_active,date_joined"
USABLE = "pbkdf2_sha256$1000$RIS7RZS5FYcyQ1gUA8H6dn$/4RZzCXTblwG9TKFImRWmyF2K1ddkn2A7G9ZggIpJCc="


def row(password: str = "", email: str = "a@example.com", key: str = "1", active: str = "t") -> str:
    return f'{key},"{password}",,f,ann,,,{email},f,{active},2026-11-30'


def user(pk: Any = 1, **fields: Any) -> dict[str, Any]:
    usual = {
        "password": "",
        "last_login": None,
        "is_superuser": False,
        "is_active": True,
        "email": "a@example.com",
    }
    return {"model": "auth.user", "pk": pk, "fields": {**usual, **fields}}


def hashed(text: Any) -> bytes:
    return array(user(password=text))


FILES = {
    "a plain password": (hashed(SECRET), "unsupported kind"),
    "a password that is an object": (hashed({"a": SECRET}), "must be a password hash"),
    "an unusable password": (hashed(f"!{SECRET}"), None),
    "an algorithm that nobody has": (hashed(f"rot13$1${SECRET}"), "unsupported kind"),
    "a torn hash": (hashed("pbkdf2_sha256$1000$salt"), "is no hash as Django writes it"),
    "a hash of more parts": (hashed(f"{USABLE}$x"), "is no hash as Django writes it"),
    "dear pbkdf2": (hashed(USABLE.replace("$1000$", "$2000001$")), "2,000,000 iterations"),
    "dear scrypt": (hashed(f"scrypt$16777216$salt$8$5${'A' * 86}=="), "128 MiB"),
    "scrypt of no power of two": (hashed(f"scrypt$1000$salt$8$5${'A' * 86}=="), "power of two"),
    "dear argon2": (hashed(f"argon2$argon2id$v=19$m=4194304,t=2,p=8${'A' * 22}${'A' * 43}"), "asks for more"),
    "dear bcrypt": (hashed("bcrypt_sha256$$2b$31$" + "." * 53), "cost above 15"),
    "a huge hash": (hashed("pbkdf2_sha256$" + "9" * 9_999), "4,096 characters"),
    "a hash of nobody's address": (array(user(email="", password=USABLE)), "needs an email"),
    "one address twice": (array(user(), user(2, email="A@example.com")), "is that of line 1 too"),
    "an address that is an object": (array(user(email={"$gt": ""})), "is not an email address"),
    "an address that is a path": (table(HEADER, row(email="../etc/passwd")), "is not an email address"),
    "a key that is an object": (array(user({"$gt": ""})), None),
    "a key of a client": (array(user("rcc_1")), None),
    "fields that are a list": (array(user(), {"model": "auth.user", "pk": 1, "fields": [SECRET]}), "must be an object"),
    "fields that are nothing": (array({"model": "auth.user", "pk": 1, "fields": None}), "must be an object"),
    "a model that is a list": (array({"model": [SECRET], "pk": 1, "fields": {"a": 1}}, user()), None),
    "a name that is a list": (array(user(first_name=["A"], last_name={"b": 1}, name=[1])), "must be text"),
    "a person who is not active, unprivileged": (array(user(is_active=False)), "privileged imports only"),
    "a person who is not active, in a table": (table(HEADER, row(active="0")), "privileged imports only"),
    "groups that are an object": (array(user(groups={"admin": True})), None),
    "groups of objects": (array(user(groups=[{"a": 1}, [["b"]], None, 7])), None),
    "addresses that are an object": (array(user(emailaddress_set={"email": SECRET})), "must be a list of objects"),
    "accounts that are a text": (array(user(socialaccount_set=SECRET)), "must be a list of objects"),
    "an account of no provider": (array(user(socialaccount_set=[{"uid": "7"}])), "must name a provider"),
    "a provider that is a list": (
        array(user(socialaccount_set=[{"provider": ["google"], "uid": "7"}])),
        "must name a provider",
    ),
    "a subject that is an object": (
        array(user(socialaccount_set=[{"provider": "google", "uid": {"a": SECRET}}])),
        "texts of 1 to 255",
    ),
    "factors that are a text": (array(user(authenticator_set=[SECRET])), "must be a list of objects"),
    "a factor without data": (array(user(authenticator_set=[{"type": "totp"}, {"type": ["x"]}])), None),
    "a secret that is none": (
        array(user(authenticator_set=[{"type": "totp", "data": {"secret": f"{SECRET} is none!"}}])),
        "in base 32",
    ),
    "a secret that is a list": (
        array(user(authenticator_set=[{"type": "totp", "data": {"secret": [SECRET]}}])),
        "256 characters",
    ),
    "a key of a device that is no hex": (array(user(totpdevice_set=[{"key": SECRET}])), "must have a key in hex"),
    "a key of a device that is an object": (array(user(totpdevice_set=[{"key": {"a": 1}}])), "must have a key in hex"),
    "a key of a device that is not ASCII": (array(user(totpdevice_set=[{"key": "\ud800"}])), "must have a key in hex"),
    "own fields too large": (array(user(**{f"f{number}": "x" * 999 for number in range(9)})), "8,192 bytes"),
    "own fields without a name": (array(user(**{"": 1})), None),
    "a huge number among own fields": (array(user(plan=10**39)), "too large"),
    "cells too few": (table(HEADER, "1,a"), "has 2 cells"),
    "a column twice": (table(f"{HEADER},email", row() + ",b@example.com"), "names a column twice"),
    "xml": (b'<?xml version="1.0"?>\n<django-objects version="1.0">', "XML or HTML"),
    "a member twice": (b'[{"model": "auth.user", "pk": 1, "pk": 2, "fields": {}}]', "twice"),
    "torn": (array(user())[:-9], "ends within"),
}  # fmt: skip

ALIKE = {
    "fixtures of another framework": (array({"model": "User", "attributes": {"email": "a@b.example"}}), None),
    "FastAPI Users": (table("id,email,hashed_password,is_active,is_superuser", "u,a@b.example,x,t,f"), None),
    "Flask's table": (table("id,username,password,active,last_login", "1,a,x,t,"), None),
    "Supabase's with is_super_admin": (
        table("id,encrypted_password,raw_user_meta_data,is_super_admin", "u,,,"),
        "Supabase",
    ),
    "only groups": (array({"model": "auth.group", "pk": 1, "fields": {"name": "a"}}), "Django"),
    "a table as Oracle shouts it": (table(HEADER.upper(), row()), "Django"),
    "lines": (json.dumps(user()).encode() + b"\n", "Django"),
    "rows of a table": (array({"id": 1, "password": "", "is_superuser": False, "date_joined": ""}), "Django"),
}
