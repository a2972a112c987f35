"""Firebase Auth: the rows of `firebase auth:export`, as JSON, and as CSV by the names that JSON gives the columns.

https://firebase.google.com/docs/cli/auth and firebase-tools' src/accountExporter.ts
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.imports.formats.json_text import parse
from chalicelib.imports.systems.translation import (
    LEFT_BEHIND,
    Asked,
    Translation,
    user_id,
)
from chalicelib.passwords import foreign

if TYPE_CHECKING:
    from collections.abc import Mapping

MARKS = frozenset({"localId"})


def person(row: Mapping[str, Any], asked: Asked) -> Translation:
    """A person of Firebase. Custom claims become `metadata`."""
    made = Translation()
    made.put("id", user_id(row.get("localId")))
    made.put("email", row.get("email"))
    made.put("email_verified", row.get("emailVerified"))
    made.put("name", row.get("displayName"))
    made.put("status", "disabled" if row.get("disabled") is True else None)
    attributes = {"picture": row.get("photoUrl"), "phone_number": row.get("phoneNumber")}
    made.merge("attributes", None, attributes)
    left = ["phone"] if row.get("mfaInfo") else []
    made.merge("metadata", _claims(row.get("customAttributes"), made), {LEFT_BEHIND: left})
    if row.get("passwordHash"):
        made.convert("password_hash", lambda: _hash(row, asked))
    return made


def _claims(text: object, made: Translation) -> object:
    if text in (None, ""):
        return None
    try:
        return parse(text.encode()) if isinstance(text, str) else text
    except ValueError as error:
        made.faults.append(("customAttributes", str(error)))
        return None


def _hash(row: Mapping[str, Any], asked: Asked) -> str:
    if asked.firebase is None:
        raise foreign.FieldFault("passwordHash", "needs the project's parameters: name them by firebase_project")
    return foreign.from_firebase(row["passwordHash"], row.get("salt", ""), asked.firebase)
