"""Entra ID's."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.imports.hostile import SECRET, array, table

HEADER = "userPrincipalName,displayName,mail,id,accountEnabled"
PRINCIPAL = "a@example.com"
EXTENSION = "extension_" + "0" * 32


def user(**members: Any) -> dict[str, Any]:
    return {"id": "u", "userPrincipalName": PRINCIPAL, "displayName": "Ann", **members}


def identity(**members: Any) -> bytes:
    return array(user(identities=[{"signInType": "federated", "issuer": "google.com", **members}]))


FILES = {
    "a plain password": (array(user(passwordProfile={"password": SECRET})), None),
    "a secret of an extension": (array(user(**{f"{EXTENSION}_resetToken": SECRET})), None),
    "a guest without an address": (array(user(userPrincipalName="a_b.example#EXT#@t.onmicrosoft.com")), None),
    "a mail that is no address": (array(user(mail=SECRET)), "is not an email address"),
    "a mail that is an object": (array(user(mail={"$gt": SECRET})), "is not an email address"),
    "other mails of numbers": (array(user(otherMails=[7], userPrincipalName=None)), "is not an email address"),
    "other mails that are a text": (array(user(otherMails=SECRET)), None),
    "identities that are a text": (array(user(identities=SECRET)), None),
    "identities of texts": (array(user(identities=[SECRET])), None),
    "an identity of an object": (identity(issuerAssignedId={"$gt": SECRET}), "texts of 1 to 255"),
    "an identity of no id": (identity(issuerAssignedId=None), None),
    "an issuer that is a list": (identity(issuer=["google.com"], issuerAssignedId="7"), "must name a provider"),
    "a subject of control characters": (identity(issuerAssignedId="7\n"), "visible characters"),
    "a disabled person, unprivileged": (array(user(accountEnabled=False)), "privileged imports only"),
    "a disabled person of a table": (table(HEADER, f"{PRINCIPAL},Ann,,u,False"), "privileged imports only"),
    "enabled by no truth": (table(HEADER, f"{PRINCIPAL},Ann,,u,perhaps"), None),
    "a formula as a name": (table(HEADER, f"{PRINCIPAL},=1+3,,u,True"), None),
    "a language that is none": (array(user(preferredLanguage="English")), "language tag"),
    "a huge extension": (array(user(**{f"{EXTENSION}_note": "x" * 9_000})), "8,192"),
    "one principal twice": (array(user(), user(id="v")), "that of line 1 too"),
    "cells too many": (table(HEADER, f"{PRINCIPAL},Ann,,u,True,x"), "has 6 cells"),
    "a column twice": (table(f"{HEADER},id", f"{PRINCIPAL},Ann,,u,True,v"), "names a column twice"),
    "in latin-1": (table(HEADER, f"{PRINCIPAL},Ann,,u,True").replace(b"Ann", b"\xc4nn"), "is not UTF-8"),
    "in utf-16": (table(HEADER, f"{PRINCIPAL},Ann,,u,True").decode().encode("utf-16"), "UTF-16"),
    "a member twice": (json.dumps(user())[:-1].encode() + b', "id": "v"}', "names one member twice"),
    "torn": (json.dumps({"value": [user()]}).encode()[:-3], "ends within"),
}  # fmt: skip

ALIKE = {
    "PowerShell's": (
        table('"UserPrincipalName","DisplayName","ObjectId"', f'"{PRINCIPAL}","Ann","u"'),
        "Entra ID",
    ),
    "of a directory of one's own": (table("Name,SamAccountName,UserPrincipalName", f"A,a,{PRINCIPAL}"), None),
    "groups of Graph": (json.dumps({"value": [{"id": "g", "displayName": "All", "mail": None}]}).encode(), None),
    "a SCIM listing": (array({"schemas": [], "userName": "a", "displayName": "A"}), None),
    "an empty answer": (b'{"value": []}', "Rollcall"),
}
