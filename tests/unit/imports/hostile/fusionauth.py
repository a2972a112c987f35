"""FusionAuth's."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.imports.hostile import SECRET, array

SALT, KEY = "MDEyMzQ1Njc4OWFiY2RlZg==", "lK8AFoqkK3dv5xzpiR7JlsnbLgUYJgjxW8hIt03UtVc="


def user(**members: Any) -> dict[str, Any]:
    return {"email": "a@example.com", "insertInstant": 1, **members}


def hashed(scheme: object, password: object = KEY, factor: object = 1000, salt: object = SALT) -> bytes:
    return array(user(encryptionScheme=scheme, factor=factor, salt=salt, password=password))


def factor(**members: object) -> bytes:
    return array(user(twoFactor={"methods": [{"method": "authenticator", **members}]}))


FILES = {
    "a plain password": (array(user(password=SECRET)), None),
    "a scheme of a plugin": (hashed("custom-rot13", SECRET), "must be one of"),
    "a scheme that is a list": (hashed(["bcrypt"]), "must be one of"),
    "a scheme without base64": (hashed("phpass-md5", SECRET), "no documented base64"),
    "a dear hash": (hashed("salted-pbkdf2-hmac-sha256", factor=2_000_001), "2,000,000 iterations"),
    "a dear bcrypt": (hashed("bcrypt", "E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", 31, "C" * 21 + "."), "cost above 15"),
    "a factor of nothing": (hashed("salted-sha256", factor=0), "whole number above 0"),
    "a factor that is a text": (hashed("salted-md5", factor="1000"), "whole number above 0"),
    "a salt that is none": (hashed("salted-sha256", salt=None), "must be a text"),
    "a salt that is no base64": (hashed("salted-sha256", salt=f"{SECRET}!"), "base64"),
    "a hash that is no base64": (hashed("salted-sha256", password=f"{SECRET}!"), "base64"),
    "a hash that is an object": (hashed("salted-sha256", password={"$gt": SECRET}), "must be a text"),
    "a secret that is no base64": (factor(secret=f"{SECRET}!"), None),
    "a secret of other codes": (factor(secret=SALT, authenticator={"codeLength": 8}), None),
    "factors that are a text": (array(user(twoFactor=SECRET), user(email="b@example.com", twoFactor=[SECRET])), None),
    "data that is a list": (array(user(data=[SECRET])), "must be a JSON object"),
    "data too deep": (array(user(data=json.loads('{"a":' * 40 + "1" + "}" * 40))), "nested more"),
    "a language that is none": (array(user(preferredLanguages=["klingon!"])), "language tag"),
    "languages that are an object": (array(user(preferredLanguages={"a": 1})), "language tag"),
    "a birthday that is none": (array(user(birthDate="1985-02-30")), "not a date"),
    "an address that is a list": (array(user(email=["a@example.com"])), "is not an email address"),
    "a disabled person, unprivileged": (array(user(active=False)), "privileged imports only"),
    "a person whose time is over": (array(user(expiry=1)), "privileged imports only"),
    "an expiry that is a text": (array(user(expiry="tomorrow")), None),
    "registrations that are a text": (array(user(registrations=SECRET)), None),
    "roles that are an object": (array(user(registrations=[{"roles": {"admin": True}}])), None),
    "a member twice": (json.dumps(user())[:-1].encode() + b', "email": "b@example.com"}', "names one member twice"),
    "torn": (b'{"users": [' + json.dumps(user()).encode(), "ends within"),
}  # fmt: skip

ALIKE = {
    "an answer of a search": (json.dumps({"total": 1, "users": [user()]}).encode(), "FusionAuth"),
    "Firebase's users": (json.dumps({"users": [{"localId": "a", "tenantId": "t"}]}).encode(), "Firebase"),
    "users of no system": (json.dumps({"users": [{"login": "a", "tenantId": "t"}]}).encode(), None),
    "the CSV of the dashboard, without hashes": (b"Email,Username,First name\na@b.example,a,Ann\n", None),
}
