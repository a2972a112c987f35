"""Firebase's CSV of 52 columns, and what there may be between its quotes and line breaks."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.imports.hostile import SECRET, array

COLUMNS = 52


def row(cells: dict[int, str] | None = None, columns: int = COLUMNS) -> str:
    filled = {0: "u", 1: "a@example.com", 2: "true", 23: "1486324027000", **(cells or {})}
    return ",".join(filled.get(column, "") for column in range(columns)) + ",\n"


def csv(*rows: dict[int, str]) -> bytes:
    return "".join(row(cells) for cells in rows).encode()


def after(text: str) -> bytes:
    """A file with a row, and this after it."""
    return (row() + text).encode()


def user(**members: Any) -> bytes:
    return json.dumps({"users": [{"localId": "u", "email": "a@example.com", **members}]}).encode()


FILES = {
    "a quote that is never closed": (after(row({1: "b@example.com", 5: '"A, B'})), "has 53 cells"),
    "quotes that are never closed": (after('"\n' * 100), "has 1 cells"),
    "more line breaks than a name has": (after('u,b@example.com,true,,,"A' + "\n" * 20 + 'B",\n'), "has 6 cells"),
    "lines that are half a row each": (after("u,b@example.com,true,,,\n" * 20), "has 5 cells"),
    "a row within a name": (after(row({1: "b@example.com", 5: '"A\n' + row()[:-1]})), "has 99 cells"),
    "a quote after a quote": (csv({5: '"A"B'}), "neither [ nor {"),
    "a cell too many": (after(row(columns=53)), "has 53 cells"),
    "a cell too few": (after(row(columns=51)), "has 51 cells"),
    "bytes of another alphabet": (csv({5: "A"}).replace(b"A", b"\xc4"), "is not UTF-8"),
    "a nul in a name": (csv({5: "A\0B"}), "cannot be seen"),
    "a name that turns": (csv({5: '"A\n\u202eB"'}), "cannot be seen"),
    "truth that is none": (csv({}, {0: "v", 1: "b@example.com", 2: SECRET}), "must be true or false"),
    "claims that are none": (csv({27: '"{"'}), "is not JSON"),
    "claims that are a list": (csv({27: '"[1]"'}), "must be a JSON object"),
    "claims that end in a backslash": (csv({27: '"{""a"":""\\"'}), "neither [ nor {"),
    "claims too deep": (csv({27: '"' + '{""a"":' * 40 + "1" + "}" * 40 + '"'}), "nested more"),
    "a hash that is none": (csv({3: SECRET, 4: SECRET}), "is not as long"),
    "a plain password as the hash": (user(passwordHash=[SECRET]), "must be base64"),
    "a subject of an object": (user(providerUserInfo=[{"providerId": "google.com", "rawId": {}}]), "name a provider"),
    "second factors that are a text": (user(mfaInfo=SECRET), None),
    "a name that is an object": (user(displayName={"a": SECRET}), "must be text"),
    "torn": (user()[:-9], "ends within"),
}  # fmt: skip

ALIKE = {
    "a table of 52 columns": ((",".join(f"column{each}" for each in range(52)) + "\n").encode(), None),
    "somebody called like a column": (csv({5: "name"}, {0: "v", 5: "Email"}), "Firebase"),
    "Keycloak's wrapper": (json.dumps({"users": [{"name": "A"}]}).encode(), "Rollcall"),
    "somebody's local ids": (array({"local_id": "u", "name": "A", "zip": 1}), None),
}
