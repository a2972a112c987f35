"""Keycloak's."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.imports.hostile import SECRET, array, table

B64 = "YWFhYWFhYWFhYWFhYWFhYQ=="
ARGON2 = {"hashLength": ["32"], "memory": ["7168"], "type": ["id"], "version": ["1.3"], "parallelism": ["1"]}


def user(**members: Any) -> dict[str, Any]:
    return {
        "id": "u",
        "username": "ann",
        "email": "a@example.com",
        "createdTimestamp": 1,
        "enabled": True,
        **members,
    }


def credential(kind: str = "password", secret: Any = None, **data: Any) -> dict[str, Any]:
    secret_data = {"value": B64, "salt": B64} if secret is None else secret
    return {"type": kind, "secretData": json.dumps(secret_data), "credentialData": json.dumps(data)}


def with_credentials(*credentials: Any) -> bytes:
    return array(user(credentials=list(credentials)))


def argon2(**parameters: list[str]) -> bytes:
    data: dict[str, Any] = {
        "hashIterations": 5,
        "algorithm": "argon2",
        "additionalParameters": {**ARGON2, **parameters},
    }
    return with_credentials(credential(**data))


def code(value: Any = "12345678901234567890", **settings: Any) -> bytes:
    return with_credentials(credential("otp", {"value": value}, subType="totp", **settings))


FILES = {
    "an algorithm that nobody has": (
        with_credentials(credential(algorithm="rot13", hashIterations=1)),
        "must be one of pbkdf2",
    ),
    "an algorithm that is a list": (with_credentials(credential(algorithm=["argon2"])), "must be one of pbkdf2"),
    "dear pbkdf2": (
        with_credentials(credential(algorithm="pbkdf2-sha512", hashIterations=2**31 - 1)),
        "2,000,000 iterations",
    ),
    "iterations below one": (
        with_credentials(credential(algorithm="pbkdf2-sha256", hashIterations=0)),
        "must be a whole number above 0",
    ),
    "iterations that are a text": (
        with_credentials(credential(algorithm="pbkdf2-sha256", hashIterations=f"27500${SECRET}")),
        "must be a whole number above 0",
    ),
    "dear argon2": (argon2(memory=["4194304"]), "asks for more"),
    "argon2 of more parts": (argon2(memory=[f"1${SECRET}"]), "must be a short text"),
    "argon2 of no type": (argon2(type=["x"]), "must be one of id, i, d"),
    "argon2 of another version": (argon2(version=["1.0"]), "must be 1.3"),
    "parameters that are a list": (
        with_credentials(credential(algorithm="argon2", hashIterations=5, additionalParameters=[SECRET])),
        "must be an object",
    ),
    "a hash that is no base64": (
        with_credentials(credential(secret={"value": f"{SECRET} !"}, algorithm="pbkdf2", hashIterations=1)),
        "base64",
    ),
    "secret data that are torn": (
        with_credentials({"type": "password", "secretData": f'{{"{SECRET}', "credentialData": "{}"}),
        "must be JSON in a text",
    ),
    "secret data that are too deep": (
        with_credentials({"type": "password", "secretData": "[" * 9_999 + "]" * 9_999, "credentialData": "{}"}),
        "must be JSON in a text",
    ),
    "a password that is an object": (
        with_credentials({"type": "password", "value": {"a": SECRET}}),
        "1 to 256 characters",
    ),
    "a password that nobody types": (
        with_credentials({"type": "password", "value": "\ud800"}),
        "nobody can type",
    ),
    "a plain password": (with_credentials({"type": "password", "value": SECRET}), None),
    "credentials that are an object": (array(user(credentials={"type": SECRET})), "must be a list of objects"),
    "a credential that is a text": (with_credentials(SECRET), "must be a list of objects"),
    "a credential of a type that is a list": (with_credentials({"type": [SECRET]}), None),
    "codes of eight digits": (code(digits=8), None),
    "codes that are counted": (
        with_credentials(credential("otp", {"value": "a" * 20}, subType="hotp")),
        None,
    ),
    "a code's secret that is an object": (code({"a": SECRET}), "must have a secret"),
    "a code's secret that is not ASCII": (code("\ud800" * 20), "must have a secret"),
    "a code's secret of nothing": (code(""), None),
    "codes whose data are torn": (
        with_credentials({"type": "otp", "secretData": f"{{{SECRET}", "credentialData": "{}"}),
        "must have a secret",
    ),
    "a secret in base 32 that is none": (code(f"{SECRET} is none!", secretEncoding="BASE32"), "in base 32"),
    "a huge secret of a code": (code("a" * 9_999), "256 characters"),
    "identities that are an object": (
        array(user(federatedIdentities={"identityProvider": "google"})),
        "must be a list of objects",
    ),
    "an identity without a subject": (
        array(user(federatedIdentities=[{"identityProvider": "google"}])),
        "must name a provider",
    ),
    "an alias that is a list": (
        array(user(federatedIdentities=[{"identityProvider": ["google"], "userId": "7"}])),
        "must name a provider",
    ),
    "attributes that are a list": (array(user(attributes=[SECRET])), "must be an object"),
    "attributes too large": (array(user(attributes={"bio": ["x" * 9_000]})), "8,192 bytes"),
    "attributes too deep": (array(user(attributes={"a": json.loads('{"a":' * 40 + "1" + "}" * 40)})), "nested more"),
    "roles that are an object": (array(user(realmRoles={"admin": True}, groups="x", clientRoles=[])), None),
    "roles of objects": (array(user(realmRoles=[{"a": 1}, None], groups=[[]], clientRoles={"x": {"y": 1}})), None),
    "a name that is a list": (array(user(firstName=["A"], lastName={"b": 1})), None),
    "an address that is an object": (array(user(email={"$gt": ""})), "is not an email address"),
    "verified as a text": (array(user(emailVerified="yes")), "true or false"),
    "a person who is not enabled, unprivileged": (array(user(enabled=False)), "privileged imports only"),
    "a password of nobody's address": (
        array(user(email=None, credentials=[{"type": "password", "value": SECRET}])),
        "needs an email",
    ),
    "one address twice": (array(user(), user(id="v")), "is that of line 1 too"),
    "a realm without people": (
        json.dumps({"realm": "x", "components": {}, "authenticationFlows": []}, indent=1).encode(),
        "a realm of Keycloak without its people",
    ),
    "a realm of no people": (b'{"realm": "x", "users": []}', None),
    "people twice in one realm": (json.dumps({"realm": "x", "users": [user()]}).encode()[:-1] + b',"users":[]}', None),
    "torn in a realm": (json.dumps({"realm": "x", "users": [user()]}).encode()[:-9], "ends within"),
    "torn among realms": (json.dumps([{"realm": "x", "users": [user()]}]).encode()[:-1], "ends before"),
    "more after realms": (json.dumps([{"realm": "x", "users": [user()]}]).encode() + b"x", "more after"),
    "a member twice": (b'[{"createdTimestamp": 1, "enabled": true, "id": "u", "id": "v"}]', "twice"),
}  # fmt: skip

ALIKE = {
    "Firebase's wrapper": (json.dumps({"users": [{"localId": "a", "createdAt": "1"}]}).encode(), "Firebase"),
    "Kratos's credentials": (array({"traits": {}, "credentials": {"password": {}}}), "Kratos"),
    "somebody's own users": (array({"username": "a", "enabled": True}), None),
    "a table with its columns": (table("username,enabled,realmRoles", "a,true,x"), None),
    "Auth0's": (array({"user_id": "a", "username": "ann", "identities": []}), "Auth0"),
    "a person as somebody writes one": (array({"username": "a", "enabled": True, "credentials": []}), "Keycloak"),
    "several realms": (array({"realm": "a", "users": [user()]}, {"realm": "b", "users": []}), "Keycloak"),
    "a realm's groups before its people": (
        json.dumps({"realm": "a", "groups": [{"id": "g"}], "users": [user()]}).encode(),
        "Keycloak",
    ),
    "one with federated people": (
        json.dumps({"realm": "a", "users": [user()], "federatedUsers": [{"id": "f"}]}).encode(),
        "Keycloak",
    ),
}  # fmt: skip
