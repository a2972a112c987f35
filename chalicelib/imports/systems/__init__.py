"""The systems from which people are imported. Each translates a row of its files into one of ours
(docs/moving has the tables of fields).

`formats` cuts a file into rows; `systems` knows what the members of a row mean. A system's module is loaded when one of
its rows is read, and not before.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from chalicelib.imports.systems.signatures import system_of, system_with_header
from chalicelib.imports.systems.translation import SystemOptions, Translation
from chalicelib.imports.systems.watched import Watched

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Translate = Callable[[Mapping[str, Any]], Translation]

__all__ = [
    "MAPPED",
    "MODULES",
    "OURS",
    "SystemOptions",
    "Translation",
    "system_of",
    "system_with_header",
    "translator",
]

OURS, MAPPED = "Rollcall", "Mapped"
"""Files of ours, and files of no system that we know, of which the job says where their columns go."""
MODULES = {
    OURS: "rollcall",
    "Auth0": "auth0",
    "better-auth": "better_auth",
    "Clerk": "clerk",
    "Cognito": "cognito",
    "Django": "django",
    "Entra ID": "entra",
    "Firebase": "firebase",
    "FusionAuth": "fusionauth",
    "Keycloak": "keycloak",
    "Kratos": "kratos",
    "NextAuth": "next_auth",
    "Okta": "okta",
    "Supabase": "supabase",
    MAPPED: "mapped",
}
"""The module of each system. Its `person` translates a row; `JSON_CELLS`, where it has them, are the members that CSV
has as JSON in a text."""


def translator(system: str, options: SystemOptions) -> Translate:
    """What translates the rows of a system. It notes what the system leaves out of a row; in our own rows, an unknown
    column is an error."""
    module = import_module(f"{__name__}.{MODULES[system]}")
    person, json_cells = module.person, getattr(module, "JSON_CELLS", ())

    def translate(row: Mapping[str, Any]) -> Translation:
        if json_cells:
            from chalicelib.imports.systems.cells import parsed

            row = {**row, **{name: parsed(row[name]) for name in json_cells if name in row}}
        watched = Watched(row)
        translation: Translation = person(watched, options)
        translation.source = watched
        for name in watched.left_out():
            translation.note("left_out", name)
        return translation

    def unchanged(row: Mapping[str, Any]) -> Translation:
        translation: Translation = person(row, options)
        return translation

    return unchanged if system == OURS else translate
