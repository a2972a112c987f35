"""Cognito's, as its API lists them, and its CSV."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.imports.hostile import SECRET, array


def user(attributes: Any = None, **members: Any) -> dict[str, Any]:
    named = attributes if attributes is not None else [{"Name": "email", "Value": "a@example.com"}]
    return {"Username": "u", "Attributes": named, "Enabled": True, "UserStatus": "CONFIRMED", **members}


def with_attribute(name: Any, value: Any) -> bytes:
    return array(user([{"Name": "email", "Value": "a@example.com"}, {"Name": name, "Value": value}]))


def csv(line: str) -> bytes:
    return f"cognito:username,email,email_verified,identities\n{line}\n".encode()


FILES = {
    "attributes that are an object": (array(user({"email": SECRET})), "must be a list of different names"),
    "attributes that are a text": (array(user(SECRET)), "must be a list of different names"),
    "an attribute that is a text": (array(user([SECRET])), "must be a list of different names"),
    "an attribute without a name": (array(user([{"Value": SECRET}])), "must be a list of different names"),
    "a name that is a list": (with_attribute(["sub"], "u"), "must be a list of different names"),
    "an attribute twice": (with_attribute("email", SECRET), "must be a list of different names"),
    "an attribute of no value": (array(user([{"Name": "email"}, {"Name": "sub", "Value": "u"}])), None),
    "a value that is an object": (array(user([{"Name": "email", "Value": {"$gt": ""}}])), "not an email address"),
    "a sub that is an object": (with_attribute("sub", {"$gt": ""}), None),
    "a sub that is a path": (with_attribute("sub", "../../etc/passwd"), None),
    "verified as something else": (with_attribute("email_verified", "perhaps"), "true or false"),
    "a day that is none": (with_attribute("birthdate", "1985-13-40"), "not a date"),
    "a language that is none": (with_attribute("locale", "no language"), "language tag"),
    "identities that are no json": (with_attribute("identities", f"[{SECRET}"), "is not JSON"),
    "identities that are an object": (with_attribute("identities", '{"userId": "7"}'), "must be a list of objects"),
    "an identity without a provider": (with_attribute("identities", '[{"userId": "7"}]'), "must name a provider"),
    "identities too deep": (with_attribute("identities", "[" * 9_999 + "]" * 9_999), "nested too deep"),
    "an attribute too large": (with_attribute("custom:bio", "x" * 9_000), "8,192 bytes"),
    "an attribute without end": (with_attribute("custom:", "x"), "without a name"),
    "a username that is an object": (array(user(Username={"a": SECRET})), None),
    "a person who is not enabled, unprivileged": (array(user(Enabled=False)), "privileged imports only"),
    "a state that is a list": (array(user(UserStatus=["ARCHIVED"])), None),
    "factors that are an object": (array(user(UserMFASettingList={"a": 1}, MFAOptions="x")), None),
    "factors of objects": (array(user(UserMFASettingList=[{"a": SECRET}, None, "NEW_MFA"])), None),
    "groups that are a text": (array(user(Groups=SECRET)), None),
    "groups of numbers": (array(user(Groups=[1, None, [], {"GroupName": 7}])), None),
    "one address twice": (array(user(), user(Username="v")), "is that of line 1 too"),
    "cells too few": (csv("u,a@example.com"), "has 2 cells"),
    "a cell of identities that is torn": (csv(f'u,a@example.com,true,[{{"{SECRET}'), "is not JSON"),
    "a member twice": (b'[{"Username": "u", "Attributes": [], "Enabled": true, "Enabled": false}]', "twice"),
    "torn": (json.dumps({"Users": [user()]}).encode()[:-9], "ends within"),
    "torn between two": (json.dumps([{"Users": [user()]}, {"Users": []}]).encode()[:-16], "ends"),
    "more after the pages": (json.dumps([{"Users": [user()]}]).encode() + b"{", "ends before"),
}  # fmt: skip

ALIKE = {
    "SCIM's": (json.dumps({"Resources": [{"schemas": [], "userName": "a"}]}).encode(), None),
    "somebody's attributes": (array({"Name": "a", "Attributes": []}), None),
    "groups alone": (json.dumps({"Groups": [{"GroupName": "a"}]}).encode() + b"\n", None),
    "a user of admin-get-user": (array({"Username": "a", "UserAttributes": []}), "Cognito"),
    "pages of boto3": (json.dumps([{"Users": [user()], "ResponseMetadata": {}}]).encode(), "Cognito"),
    "its csv": (csv("u,a@example.com,true,"), "Cognito"),
}
