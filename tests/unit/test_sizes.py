"""How large a package and a file may be, and that no modules need each other in a circle."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = ROOT / "chalicelib"
PACKAGES = sorted({path.parent for path in CODE.rglob("*.py")} - {CODE})
FILES = sorted(
    path for folder in ("chalicelib", "infra", "tools", "cli") for path in (ROOT / folder).rglob("*.py")
)

PACKAGE_LINES = 3000
FILE_LINES = 300


def lines(*paths: Path) -> int:
    return sum(path.read_text("utf-8").count("\n") for path in paths)


def too_long(sizes: dict[str, int], limit: int) -> dict[str, int]:
    return {name: size for name, size in sizes.items() if size > limit}


def needed_in(source: str, modules: set[str]) -> set[str]:
    """The modules that a source imports, anywhere: an import inside a function needs its module as well, only later.
    Not those under `if TYPE_CHECKING`, which never run: two modules may say each other's types and need neither."""
    tree = ast.parse(source)
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        for part in node.body
        for inner in ast.walk(part)
    }
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and id(node) not in for_types:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in modules else str(node.module) for name in inner}
    return found & modules


def in_circles(needs: dict[str, set[str]]) -> set[str]:
    """The modules that need themselves, through others or not."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        ahead = [start]
        while ahead:
            further = needs[ahead.pop()] - seen
            seen |= further
            ahead += further
        return seen

    return {name for name in needs if name in reached(name)}


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_package_is_too_large(package):
    assert lines(*package.glob("*.py")) <= PACKAGE_LINES


def test_no_file_is_too_long():
    assert too_long({str(path.relative_to(ROOT)): lines(path) for path in FILES}, FILE_LINES) == {}


@pytest.mark.slow
def test_no_modules_need_each_other_in_a_circle():
    modules = {module_of(path) for path in FILES}
    assert in_circles({module_of(path): needed_in(path.read_text("utf-8"), modules) for path in FILES}) == set()


def test_what_is_too_long_or_goes_in_a_circle_is_found():
    assert too_long({"a.py": FILE_LINES, "b.py": FILE_LINES + 1}, FILE_LINES) == {"b.py": FILE_LINES + 1}
    assert needed_in("def f():\n    from a.b import c\n    import d", {"a.b", "a.b.c", "d"}) == {"a.b.c", "d"}
    assert (
        needed_in("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from a.b import c", {"a.b"}) == set()
    )
    assert in_circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == {"b", "c"}
