"""Rules of the tree that import-linter cannot state."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = sorted((ROOT / "chalicelib").rglob("*.py"))


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def catches_everything(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or getattr(handler.type, "id", "") in {"Exception", "BaseException"}


def raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_function_loads_boto3(path):
    """Its resource layer costs more than our calls do; `core.aws.calls` makes every AWS client."""
    assert {name for name in imports(path) if name.split(".")[0] in {"boto3", "s3transfer"}} == set()


@pytest.mark.slow
@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_catches_everything_but_the_two_edges(path):
    handlers = [
        node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ExceptHandler)
    ]
    broad = [handler.lineno for handler in handlers if catches_everything(handler) and not raises_again(handler)]
    assert path.name in {"serving.py", "runs.py", "parking.py"} or not broad


def test_app_has_no_logic():
    tree = ast.parse((ROOT / "app.py").read_text("utf-8"))
    logic = (ast.For, ast.While, ast.Try, ast.With, ast.BinOp, ast.ListComp, ast.DictComp)
    assert [node.lineno for node in ast.walk(tree) if isinstance(node, logic)] == []
    assert "boto3" not in imports(ROOT / "app.py")


def test_handlers_are_one_to_three_statements_after_their_imports():
    tree = ast.parse((ROOT / "app.py").read_text("utf-8"))
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        body = [node for node in function.body if not isinstance(node, ast.ImportFrom)]
        assert 1 <= len(body) <= 3, function.name


STOPWATCHES = {"monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "process_time_ns"}
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def names_in(tree: ast.AST) -> set[str]:
    """Every name in a piece of code, those after a dot too."""
    return {getattr(node, "attr", None) or getattr(node, "id", "") for node in ast.walk(tree)} - {""}


def timed_assertions(tree: ast.AST) -> list[int]:
    """Lines that assert what a stopwatch says, through variables and functions of the same file."""
    timed = set(STOPWATCHES)
    while True:
        found = {
            name.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and names_in(node.value) & timed
            for target in node.targets
            for name in (target.elts if isinstance(target, ast.Tuple) else [target])
            if isinstance(name, ast.Name)
        } | {
            node.name
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef)
            for returned in ast.walk(node)
            if isinstance(returned, ast.Return) and returned.value and names_in(returned.value) & timed
        }
        if found <= timed:
            break
        timed |= found
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert) and names_in(node.test) & timed]


@pytest.mark.slow
def test_no_test_asserts_a_time():
    """A busy machine takes longer. What a thing must cost is asserted by counts; `make bench` measures its time."""
    found = {str(path.relative_to(ROOT)): timed_assertions(ast.parse(path.read_text("utf-8"))) for path in TESTS}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "code",
    [
        "started = time.monotonic()\nassert time.monotonic() - started < 2",
        "def cost():\n    return time.process_time()\nbefore = cost()\nratio = cost() / before\nassert ratio < 3",
    ],
)
def test_a_timed_assertion_is_found(code):
    assert timed_assertions(ast.parse(code)) == [code.count("\n") + 1]
