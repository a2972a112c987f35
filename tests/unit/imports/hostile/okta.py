"""Okta's."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.imports.hostile import SECRET, array, table

TABLE = "id,status,profile.login,profile.email"
LABELS = "User Id,Status,Username,Primary email"


def user(profile: object = None, **members: Any) -> dict[str, Any]:
    default = {"login": "a@example.com", "email": "a@example.com"}
    return {"id": "u", "status": "ACTIVE", "profile": profile or default, "credentials": {}, **members}


def of(**profile: Any) -> dict[str, Any]:
    return user({"login": "a@example.com", **profile})


FILES = {
    "a plain password": (array(user(credentials={"password": {"value": SECRET}})), None),
    "a hash, as its own import has it": (array(user(credentials={"password": {"hash": {"value": SECRET}}})), None),
    "an answer to a question": (array(user(credentials={"recovery_question": {"answer": SECRET}})), None),
    "a secret of the profile": (array(of(apiToken=SECRET, passwordHint=SECRET)), None),
    "a profile that is a text": (array(user(SECRET)), None),
    "a profile that is a list": (array(user([SECRET])), None),
    "a login that is no address": (array(of(login="ann", email=None)), None),
    "a login that looks like an address": (array(of(login="a@b@c", email="")), "is not an email address"),
    "an address that is an object": (array(of(email={"$gt": SECRET})), "is not an email address"),
    "addresses that are a text": (array(user(credentials={"emails": SECRET})), None),
    "credentials that are a list": (array(user(credentials=[SECRET])), None),
    "a status that is a list": (array(user(status=["ACTIVE"])), None),
    "a suspended person, unprivileged": (array(user(status="SUSPENDED")), "privileged imports only"),
    "a deactivated person of a table": (table(TABLE, "u,DEPROVISIONED,ann,a@example.com"), "privileged imports only"),
    "a suspended person by labels": (table(LABELS, "u,SUSPENDED,ann,a@example.com"), "privileged imports only"),
    "a locale that is none": (array(of(locale="British English")), "language tag"),
    "a huge profile": (array(of(**{f"custom{number}": "x" * 200 for number in range(99)})), "8,192"),
    "a name too long": (array(of(displayName="x" * 201)), "1 to 200 characters"),
    "one person twice": (table(TABLE, "u,ACTIVE,a,a@example.com", "u,ACTIVE,b,b@example.com"), "that of line 2 too"),
    "cells too few": (table(TABLE, "u,ACTIVE"), "has 2 cells"),
    "a column twice": (table(f"{TABLE},id", "u,ACTIVE,a,a@example.com,v"), "names a column twice"),
    "a member twice": (json.dumps(user())[:-1].encode() + b', "id": "v"}', "names one member twice"),
    "torn": (array(user())[:-9], "ends within"),
}  # fmt: skip

ALIKE = {
    "the CSV that it imports": (table("login,firstName,lastName,email,secondEmail", "a,A,B,a@b.example,"), "Okta"),
    "somebody's logins": (table("login,email,firstName", "a,a@b.example,Ann"), None),
    "labels of other tables": (table("Username,Primary email", "ann,a@b.example"), None),
    "a profile of an application": (array({"id": "u", "profile": {"login": "a"}, "mail": "a@b.example"}), None),
    "Kratos' with a status": (array({"id": "u", "traits": {}, "credentials": {}, "status": "x"}), "Kratos"),
}
