"""The reference tells of every handler, route and resource, and of none that is gone."""

from __future__ import annotations

import pytest

from chalicelib.core import names
from chalicelib.core.http.declarations import routes_of
from tests.unit.appfile import handlers
from tests.unit.docs import markdown
from tests.unit.docs.markdown import ROOT, codes, rows, section

PAGE = markdown.page("docs/reference.md")

KINDS = {
    "Tables": (*names.TABLES, *names.READ_MODEL_TABLES),
    "Queues": (*names.QUEUES, *names.READ_MODEL_QUEUES, *names.PARKED),
    "Topics": names.TOPICS,
    "Buckets": names.BUCKETS,
    "State machines": names.STATE_MACHINES,
    "Secrets": names.SECRETS,
}


def test_every_handler_is_told_with_the_file_that_answers_it():
    told = {codes(row[0])[0]: codes(row[2]) for row in rows(section(PAGE, "Handlers"))}
    del told["api_handler"]  # Chalice's own: the routes
    files = {
        name: [f"{module.replace('.', '/')}.py" for module in modules] for name, modules in handlers().items()
    }
    assert told == files


def test_every_route_is_told_with_who_may_call_it():
    from app import app

    told = {codes(row[0])[0]: row[1] for row in rows(section(PAGE, "Routes"))}
    assert told == {f"{route.method} {route.path}": who(route.declaration.who) for route in routes_of(app)}


def who(roles: frozenset[str] | None) -> str:
    """Who may call a route, as the page says it."""
    if roles is None:
        return "anyone"
    return ", ".join(sorted(roles)) or "signed in"


@pytest.mark.parametrize("kind", KINDS)
def test_every_resource_is_told(kind):
    assert [codes(row[0])[0] for row in rows(section(PAGE, kind))] == list(KINDS[kind])


def test_every_folder_is_told_in_the_readme():
    cells = [row[0] for row in rows(section(markdown.page("README.md"), "How the tree reads"))]
    told = {name for cell in cells for name in codes(cell) if name.startswith("chalicelib/")}
    assert told == {f"chalicelib/{path.parent.name}/" for path in ROOT.glob("chalicelib/*/__init__.py")}
