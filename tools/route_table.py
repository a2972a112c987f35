"""`python -m tools.route_table FILE` writes the table by which a package loads its routes on demand, see
`chalicelib.core.http.blueprints`: of the whole app, so in a process of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from chalice import Blueprint

if TYPE_CHECKING:
    from chalice import Chalice
    from chalice.app import RouteEntry

    from chalicelib.core.http.blueprints import Table


def table_of(app: Chalice) -> Table:
    """Every declared route of an app whose blueprints are loaded.

    Raises ValueError for a route that says more to Chalice than its path and methods: a stand-in would not.
    """
    table: dict[str, dict[str, list[str]]] = {}
    for path, entries in app.routes.items():
        for method, entry in entries.items():
            if not hasattr(entry.view_function, "declaration"):
                continue
            if entry.content_types or entry.cors or entry.authorizer or entry.api_key_required:
                raise ValueError(f"{entry.view_name}: a route says its path and methods to Chalice, and no more")
            table.setdefault(_blueprint_of(entry), {}).setdefault(path, []).append(method)
    return table


def _blueprint_of(entry: RouteEntry) -> str:
    """The name of the one blueprint of the module that declares a route."""
    module = entry.view_function.__module__
    (name,) = [name for name, value in vars(sys.modules[module]).items() if isinstance(value, Blueprint)]
    return f"{module}.{name}"


def main() -> None:
    from app import app

    Path(sys.argv[1]).write_text(json.dumps(table_of(app), separators=(",", ":")), "utf-8")


if __name__ == "__main__":
    main()
