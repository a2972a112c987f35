"""Rules of the pages' sources that a browser would find out too late, or never."""

from __future__ import annotations

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from chalicelib.web import assets, html
from chalicelib.web.routes import ACCOUNT, CONSOLE

HERE = Path(assets.__file__).parent
MODULES = sorted(HERE.glob("*/*.js"))
VIEWS = sorted(HERE.glob("*/views/*.html"))
FORBIDDEN = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|createContextualFragment"
    r"|\.style\b|setTimeout\(\s*[\"'`]|javascript:|srcdoc"
)
"""What would put text in as HTML, code or style."""

SVG = "http://www.w3.org/2000/svg"

LIBRARIES = {
    "console/uplot.js": (2, "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f"),
    "shared/uqr.js": (2, "7f0e61c2f13bb3724edee7bfb876e13c54ac9ee4fcfa283c9fa93cfb1241c325"),
}
"""Modules that others wrote: lines of ours at their beginning, and the digest of what their package has (SHA-256)."""


class Elements(HTMLParser):
    """Every element of a document or a part of one: its tag and attributes, and whether all are closed."""

    VOID = frozenset({"meta", "link", "img", "input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, *tags):
        return [attributes for tag, attributes in self.found if tag in tags]


def name(path):
    return str(path.relative_to(HERE))


def imports(text):
    return re.findall(r'(?:from|import\()\s*"([^"]+)"', text)


OURS = [path for path in MODULES if name(path) not in LIBRARIES]


@pytest.mark.parametrize("path", OURS, ids=name)
def test_a_module_puts_nothing_in_but_text(path):
    assert FORBIDDEN.findall(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", [*OURS, *VIEWS, *HERE.glob("*/*.css"), *HERE.glob("*/page.html")], ids=name)
def test_nothing_comes_from_elsewhere(path):
    text = path.read_text("utf-8").replace(SVG, "")
    assert re.findall(r"https?:/|//\w+\.|\burl\((?!#)|@import", text) == []


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_what_a_module_imports_is_there(path):
    for imported in imports(path.read_text("utf-8")):
        assert imported.startswith(("./", "../"))
        assert (path.parent / imported).resolve() in MODULES


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_what_pages_share_knows_none_of_them(path):
    if path.parent.name == "shared":
        assert [imported for imported in imports(path.read_text("utf-8")) if imported.startswith("../")] == []


def test_every_module_is_loaded_by_another_or_by_the_page():
    pages = [*HERE.glob("*/page.html"), HERE / "docs" / "docs.html"]
    text = "".join(path.read_text("utf-8") for path in [*MODULES, *pages])
    assert [path.name for path in MODULES if f"/{path.name}" not in text] == []


@pytest.mark.parametrize("path", VIEWS, ids=name)
def test_a_view_has_no_script_no_style_and_a_label_for_each_field(path):
    view = Elements(path.read_text("utf-8"))
    assert view.open == []
    assert view.all("script", "style", "link", "iframe", "object") == []
    assert [key for _, given in view.found for key in given if key.startswith("on") or key == "style"] == []
    ids = [given["id"] for _, given in view.found if "id" in given]
    assert len(ids) == len(set(ids))
    labelled = {given["for"] for given in view.all("label")}
    assert [
        field for field in view.all("input") if "hidden" not in field and field.get("id") not in labelled
    ] == []
    typed = [field for field in view.all("input") if field.get("type") not in {"checkbox", "number"}]
    assert [field for field in typed if "autocomplete" not in field] == []
    described = {given["aria-describedby"] for _, given in view.found if "aria-describedby" in given}
    assert described <= set(ids)


@pytest.mark.parametrize("path", VIEWS, ids=name)
def test_every_form_has_a_place_for_what_is_wrong(path):
    text = path.read_text("utf-8")
    for form in re.findall(r"<form.*?</form>", text, re.S):
        assert form.count("data-problem") == 1


def test_the_routes_and_the_script_know_the_same_pages():
    text = (HERE / "account" / "pages.js").read_text("utf-8")
    known = set(re.findall(r'^  "?([a-z-]+)"?: \{ load: .*import\("\./([a-z-]+)\.js"\)', text, re.M))
    assert {page for page, _ in known} == ACCOUNT | {"profile"}
    assert [pair for pair in known if pair[0] != pair[1]] == []


def test_every_page_and_every_copy_has_its_template():
    templates = {path.stem for path in VIEWS}
    text = "".join(path.read_text("utf-8") for path in MODULES)
    copied = set(re.findall(r'(?:copyOf|swap|present)\("([a-z-]+)"', text))
    assert copied | ACCOUNT | {"profile"} == templates


def test_the_routes_and_the_console_know_the_same_parts():
    text = (HERE / "console" / "pages.js").read_text("utf-8")
    assert set(re.findall(r"^  ([a-z]+): \{ load: ", text, re.M)) == CONSOLE | {"overview"}


@pytest.mark.parametrize("document_name", ["account", "console"])
def test_the_document_holds_every_template_once(document_name):
    document = Elements(html.page(document_name, 1).html)
    assert document.open == []
    assert sorted(given["data-name"] or "" for given in document.all("template")) == sorted(
        path.stem for path in VIEWS if path.parent.parent.name in {"shared", document_name}
    )
    inline = [given for given in document.all("script") if not given.get("src")]
    assert inline == [{"type": "application/json", "id": each} for each in ("stage", "words")]


def test_what_is_served_has_no_comments_of_their_own_lines():
    text = "// a\nconst x = 1; // b\n\n  /** c\n   * d */\n  f(`// ${x}`);\n/* e */\n* { color: red; }\n"
    assert assets.lean(text) == "const x = 1; // b\nf(`// ${x}`);\n* { color: red; }\n"
    assert assets.lean("  f(`a\n    b\n\n  // c`);\n  // d\n") == "f(`a\n    b\n\n  // c`);\n"


@pytest.mark.parametrize("path", OURS, ids=name)
def test_every_text_between_backticks_ends(path):
    assert assets.lean(path.read_text("utf-8")).count("`") % 2 == 0


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_is_as_its_package_has_it_and_beside_its_licence(library):
    lines, digest = LIBRARIES[library]
    path = HERE / library
    head, text = path.read_bytes().split(b"\n", lines)[:lines], path.read_bytes().split(b"\n", lines)[lines]
    assert hashlib.sha256(text).hexdigest() == digest
    licence = path.with_suffix(".license.txt")
    assert licence.name.encode() in b"".join(head)
    assert "Permission is hereby granted, free of charge" in licence.read_text("utf-8")
