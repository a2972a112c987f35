"""A table has one package that opens it, and a package is called by its public names alone."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from infra import tables

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = ROOT / "chalicelib"
SOURCES = sorted(CODE.rglob("*.py"))
PACKAGES = sorted(path.name for path in CODE.iterdir() if path.is_dir() and path.name != "__pycache__")

KINDS = {kind: owner for kinds in tables.KINDS.values() for kind, owner in kinds.items()}

OPENED = re.compile(r"""\btable\((?:"(\w+)"|.*?\bof\("(\w+)"\))""")


def package_of(path: Path) -> str:
    return path.relative_to(CODE).parts[0]


def opened_in(source: str) -> set[str]:
    """The tables that a file opens by their name."""
    return {one or other for one, other in OPENED.findall(source)}


def keys_in(source: str) -> set[str]:
    """What the keys begin with that a file writes: f-strings as `email#{…}`, and the value of `id` where it is text."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            found |= set(re.findall(r"\A[\w-]+#", str(node.values[0].value)))
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            found |= {
                value.value
                for key, value in pairs
                if isinstance(key, ast.Constant) and key.value == "id"
                if isinstance(value, ast.Constant) and isinstance(value.value, str)
            }
    return found


@cache
def writers() -> dict[str, set[str]]:
    """The packages that write keys which begin so."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in SOURCES:
        for kind in keys_in(path.read_text("utf-8")):
            found[kind].add(package_of(path))
    return found


@cache
def public_names(package: str) -> set[str]:
    """What a package's `__all__` lists: names, and modules that are public as a whole. The types of its rows are for
    whoever is given one."""
    tree = ast.parse((CODE / package / "__init__.py").read_text("utf-8"))
    lists = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
    ]
    return {"rows", *(ast.literal_eval(lists[0]) if lists else ())}


def reaches_in(source: str, package: str) -> list[str]:
    """The imports of another domain that its public names do not give, those for types too. Its `rows` say what its
    rows are, and are anybody's to name."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("chalicelib."):
            continue
        _, other, *inner = str(node.module).split(".")
        if other in {package, "core"}:
            continue
        asked = inner[:1] or [alias.name for alias in node.names]
        found += [f"{other}.{name}" for name in asked if name not in {"rows", *public_names(other)}]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("spec", tables.SPECS, ids=lambda spec: spec.name)
def test_only_its_owner_opens_a_table(spec):
    found = {package_of(path) for path in SOURCES if spec.name in opened_in(path.read_text("utf-8"))}
    assert found <= spec.owners


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_only_its_owner_writes_the_key_of_a_kind_of_rows(kind):
    assert writers().get(kind) == {KINDS[kind]}


@pytest.mark.slow
def test_a_package_is_called_by_its_public_names():
    found = {
        path.relative_to(ROOT).as_posix(): reaches_in(path.read_text("utf-8"), package_of(path))
        for path in SOURCES
        if path.parent != CODE
    }
    assert {path: reached for path, reached in found.items() if reached} == {}


def test_infra_loads_no_domain():
    """`app.py` asks infra while it is loaded. A domain that comes back to `app.py` then finds half of it, and a stage
    is packaged without the functions of the other half. `mail.model` loads nothing of ours."""
    imported = {
        str(node.module)
        for path in (ROOT / "infra").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("chalicelib")
    }
    assert {module for module in imported if not module.startswith("chalicelib.core")} == {"chalicelib.mail.model"}


def test_what_breaks_a_boundary_is_found():
    assert opened_in('clients.table("users")\ndatabase.table(settings().names.of("history"))') == {
        "users",
        "history",
    }
    assert keys_in('f"password#{user_id}"\n{"id": "sweep"}') == {"password#", "sweep"}
    assert reaches_in("from chalicelib.accounts.many import NewPerson", "imports") == ["accounts.many"]
    assert reaches_in("from chalicelib.accounts import many", "imports") == ["accounts.many"]
    assert (
        reaches_in("from chalicelib.accounts import people\nfrom chalicelib.jobs.rows import Job", "imports") == []
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_no_public_name_is_hidden_by_a_module_of_that_name(package):
    """Whoever imports the module first would get it in place of the name."""
    modules = {path.stem for path in (CODE / package).iterdir()}
    tree = ast.parse((CODE / package / "__init__.py").read_text("utf-8"))
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    lazily = {
        key.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(value, ast.Constant) and value.value
    }
    assert modules & (defined | lazily) == set()
