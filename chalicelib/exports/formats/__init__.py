"""The formats of exports, one file each. Only the format that an export asks for is loaded."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.exports.formats.fields import FileFormat
    from chalicelib.exports.model import ExportFormat

MODULES: dict[ExportFormat, str] = {
    "ndjson": "own_lines",
    "csv": "own_table",
    "auth0": "auth0",
    "cognito": "cognito",
    "firebase": "firebase",
    "keycloak": "keycloak",
    "kratos": "kratos",
    "supabase": "supabase",
}


def format_named(name: ExportFormat, *, credentials: bool, hashes: str = "", only: bool = False) -> FileFormat:
    """How a file of that format is written. `hashes` is the kind of hashes in it, where a file has one kind alone; if
    `only`, people without such a hash are not in it."""
    module = import_module(f"chalicelib.exports.formats.{MODULES[name]}")
    found: FileFormat = module.file_format(credentials=credentials, hashes=hashes, only=only)
    return found
