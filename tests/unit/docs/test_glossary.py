"""The glossary's terms are used, and the words that it discourages are no names of the code."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cache

import pytest

from tests.unit.docs import markdown
from tests.unit.docs.markdown import ROOT, rows, section

GLOSSARY = ROOT / "docs" / "glossary.md"
PAGE = markdown.page("docs/glossary.md")
NOT_NAMES = "Words that are not names"
TERMS = [
    term
    for heading in re.findall(r"^## (.+)$", PAGE, flags=re.MULTILINE)
    if heading != NOT_NAMES
    for row in rows(section(PAGE, heading))
    for term in row[0].split(", ")
]
WORDS = {word: scope for word, scope, _ in rows(section(PAGE, NOT_NAMES))}
"""The discouraged words: whether a part of a name is meant, or the whole of it."""

ALONE = {
    "page": ("web", "about"),
    "pages": ("web", "about"),
    "client": ("core/aws", "oauth"),
    "clients": ("core/aws", "oauth"),
}
"""The packages that a word is clear in by itself."""

PUBLISHED = {
    "events/catalog.py": {"client"},
    "jobs/rows.py": {"told", "told_at"},
    "privacy/routes.py": {"address"},
}
"""Members of answers of the API and of events, and attributes of stored rows, by their file: these names must stay."""


@cache
def used() -> str:
    """Everything that our code and our other pages say, in small letters."""
    sources = [
        *(ROOT / "chalicelib").rglob("*.py"),
        *(ROOT / "infra").glob("*.py"),
        *(ROOT / "tools").rglob("*.py"),
    ]
    pages = [path for path in (ROOT / "docs").rglob("*.md") if path != GLOSSARY]
    return plain(" ".join(path.read_text("utf-8") for path in (*sources, *pages)))


@pytest.mark.slow
@pytest.mark.parametrize("term", TERMS)
def test_a_term_is_used(term):
    assert re.search(rf"\b{re.escape(plain(term))}", used())


def plain(text: str) -> str:
    """A text in small letters, in which words of one name stand apart."""
    return re.sub(r"[\s_-]+", " ", text.lower())


def names(tree: ast.AST) -> set[str]:
    """Every name that a module gives: to functions, classes, arguments and variables."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.ExceptHandler(name=str(name)) | ast.alias(asname=str(name)):
                found.add(name)
    return found


def means(name: str, word: str, scope: str) -> bool:
    """Whether a name is the word, or has it as a part of its own."""
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).strip("_").lower()
    return snake == word or (scope == "part" and f"_{word}_" in f"_{snake}_")


@cache
def discouraged() -> dict[str, set[str]]:
    """The names of the code that are discouraged, by their word."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "chalicelib").rglob("*.py")):
        module = path.relative_to(ROOT / "chalicelib")
        package = module.parent.as_posix()
        given = names(ast.parse(path.read_text("utf-8"))) | {path.stem, path.parent.name}
        given -= PUBLISHED.get(module.as_posix(), set())
        for word, scope in WORDS.items():
            if not package.startswith(ALONE.get(word, ())):
                found[word] |= {name for name in given if means(name, word, scope)}
    return found


@pytest.mark.slow
@pytest.mark.parametrize("word", WORDS)
def test_no_name_is_a_discouraged_word(word):
    assert sorted(discouraged()[word]) == [], f"see {GLOSSARY.name} for what to say instead"


@pytest.mark.parametrize(
    ("name", "word", "scope", "meant"),
    [
        ("_told", "told", "part", True),
        ("told_at", "told", "part", True),
        ("untold", "told", "part", False),
        ("Page", "page", "whole", True),
        ("ResultPage", "page", "whole", False),
        ("Told", "told", "part", True),
        ("known_hash", "known", "whole", False),
    ],
)
def test_a_discouraged_name_is_found(name, word, scope, meant):
    assert means(name, word, scope) is meant
