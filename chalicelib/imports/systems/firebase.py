"""Firebase Auth: the rows of `firebase auth:export`, as JSON or CSV. CSV has no header; its columns have JSON's names.

https://firebase.google.com/docs/cli/auth and firebase-tools' src/accountExporter.ts
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.imports.formats.json_text import parse
from chalicelib.imports.systems.translation import (
    LEFT_BEHIND,
    SystemOptions,
    Translation,
    user_id,
)
from chalicelib.passwords import foreign

if TYPE_CHECKING:
    from collections.abc import Mapping

OWN_MEMBERS = frozenset({"localId"})


def person(row: Mapping[str, Any], options: SystemOptions) -> Translation:
    """A person of Firebase. Custom claims become `metadata`."""
    translation = Translation()
    translation.put("id", user_id(row.get("localId")))
    translation.put("email", row.get("email"))
    translation.put("email_verified", row.get("emailVerified"))
    translation.put("name", row.get("displayName"))
    translation.put("status", "disabled" if row.get("disabled") is True else None)
    attributes = {"picture": row.get("photoUrl"), "phone_number": row.get("phoneNumber")}
    translation.merge("attributes", None, attributes)
    left_behind = ["phone"] if row.get("mfaInfo") else []
    translation.merge("metadata", _claims(row.get("customAttributes"), translation), {LEFT_BEHIND: left_behind})
    if row.get("passwordHash"):
        translation.convert("password_hash", lambda: _password_hash(row, options))
    return translation


def _claims(text: object, translation: Translation) -> object:
    if text in (None, ""):
        return None
    try:
        return parse(text.encode()) if isinstance(text, str) else text
    except ValueError as error:
        translation.faults.append(("customAttributes", str(error)))
        return None


def _password_hash(row: Mapping[str, Any], options: SystemOptions) -> str:
    if options.firebase is None:
        raise foreign.FieldFault("passwordHash", "needs the project's parameters: name them by firebase_project")
    return foreign.from_firebase(row["passwordHash"], row.get("salt", ""), options.firebase)
