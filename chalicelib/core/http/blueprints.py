"""Blueprints whose modules load when a route of theirs is first called.

Each domain has a module of routes, which brings its models and flows: all of them together are most of what the API
would load in a cold start, and a request needs one. So a package has a table of every route, which `tools.route_table`
makes of the whole app, and the app is made of the table: the same paths and methods in the same order, each with a
stand-in for its view. The first call of one loads its module, and puts that blueprint's views in the place of the
stand-ins.

Without a table (a checkout, `chalice local`, a plain `chalice package`, tests) every blueprint is registered at once,
as Chalice does it. So it is where Lambda prepares processes before anybody waits for them (`wiring.LOADS_AT_ONCE`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from chalice import Blueprint

from chalicelib.core import wiring

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice import Response
    from chalice.app import RouteEntry

    from chalicelib.core.http.declarations import Declaration

    Table = Mapping[str, Mapping[str, list[str]]]
    """The methods of each path of each blueprint, in the order in which they are registered."""

TABLE = Path(__file__).with_name("routes.json")


class StaleTableError(RuntimeError):
    """The table is of other routes than the modules beside it: the package has to be made again."""


def on_demand(name: str) -> Blueprint:
    """The blueprint of that name, which has its module before the last dot. `app.register_blueprint(on_demand(…))`
    registers its routes, and loads the module only where there is no table."""
    table = None if wiring.LOADS_AT_ONCE else _packaged_table()
    return load_blueprint(name) if table is None else OnDemand(name, table[name])


def load_blueprint(name: str) -> Blueprint:
    """The same, loaded."""
    module, _, attribute = name.rpartition(".")
    found = getattr(import_module(module), attribute)
    assert isinstance(found, Blueprint)
    return found


class OnDemand(Blueprint):
    """Registers these methods and paths, and loads the blueprint of that name when one of them is called."""

    def __init__(self, name: str, methods: Mapping[str, list[str]]) -> None:
        super().__init__(name)
        self._name = name
        self._methods = methods
        self._is_loaded = False
        for path, of_path in methods.items():
            for method in of_path:
                view = _StandIn(self, method, path)
                self.route(path, methods=[method], name=view.__name__, content_types=[])(view)

    def entry(self, method: str, path: str) -> RouteEntry:
        """A route, loaded. Raises StaleTableError."""
        routes = self.current_app.routes
        if not self._is_loaded:
            for of_path, entries in self._loaded_routes().items():
                routes[of_path].update(entries)  # in the place, and so in the order, of the stand-ins
            self._is_loaded = True
        return routes[path][method]

    def _loaded_routes(self) -> dict[str, dict[str, RouteEntry]]:
        """What the blueprint itself registers with the app."""
        app = self.current_app
        standing_in, app.routes = app.routes, defaultdict(dict)
        try:
            app.register_blueprint(load_blueprint(self._name))
            loaded = app.routes
        finally:
            app.routes = standing_in
        if {path: list(entries) for path, entries in loaded.items()} != self._methods:
            raise StaleTableError(f"{TABLE.name} is not of the routes that {self._name} has")
        return loaded


class _StandIn:
    """The view of a route that is not loaded yet."""

    def __init__(self, owner: OnDemand, method: str, path: str) -> None:
        self.__name__ = f"{method} {path}"
        self._owner, self._method, self._path = owner, method, path

    def __call__(self, **path_parameters: str) -> Response:
        view = self._owner.entry(self._method, self._path).view_function
        response: Response = view(**path_parameters)
        return response

    @property
    def declaration(self) -> Declaration:
        """What the route declares."""
        view = self._owner.entry(self._method, self._path).view_function
        declaration: Declaration = view.declaration  # type: ignore[attr-defined]
        return declaration


@cache
def _packaged_table() -> Table | None:
    """The table of this package; None where there is none."""
    try:
        table: Table = json.loads(TABLE.read_text("utf-8"))
    except FileNotFoundError:
        return None
    return table
