"""Every text of the pages is in the catalogues, in every locale, and is used."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import get_args

import pytest

from chalicelib.accounts.erasure_receipts import AT_ONCE, IN_READ_MODEL, WITHIN_THE_HOUR, Expiries
from chalicelib.core import wording
from chalicelib.event_bus.envelope import EventType
from chalicelib.identities.faults import Reason
from chalicelib.oauth.authorization.errors import Shown
from chalicelib.web import assets, catalogues, html

LOCALES = sorted(path.name for path in catalogues.OURS.iterdir())
PARTS = catalogues.parts()
DOCUMENTS = ("account", "console")


def ours(locale, part):
    return json.loads((catalogues.OURS / locale / f"{part}.json").read_text("utf-8"))


COMPLETE = {key: text for part in PARTS for key, text in ours("en", part).items()}
PLURALS = {"zero", "one", "two", "few", "many", "other"}
"""https://cldr.unicode.org/index/cldr-spec/plural-rules"""

MODULES = sorted(assets.HERE.glob("*/*.js"))
FILES = sorted([*assets.HERE.glob("*/views/*.html"), *assets.HERE.glob("*/page.html")])
SOURCE = "\n".join(path.read_text("utf-8") for path in MODULES)
CALLS = re.compile(r'\bwords\(\s*"([^"]+)"|\d{3}: "([^"]+)"')
"""Where a script says a text: by itself, or as what is said of a status."""
OF_SCOPES = "consent.scope-"
"""An owner's catalogue may have a text for each of their own scopes as well."""
NO_KEYS = re.compile(r"\.(?:js|json|txt|svg|css)$|^rollcall\.")
"""What looks like a key and is none: names of files, and of what is kept by the browser."""


def in_scripts():
    """What may be a key, of all that is quoted in a script."""
    quoted = html.LITERAL.findall(SOURCE)
    return {key for key in quoted if not NO_KEYS.search(key) and key not in set(EventType)}


def in_files():
    return {mark[1] for path in FILES for mark in html.MARK.finditer(path.read_text("utf-8"))}


def beginnings():
    """Of keys that scripts put together: their beginnings."""
    return tuple(re.findall(r"`([a-z-]+\.[a-z-]*)\$\{", SOURCE))


def places(text):
    return set(html.PLACEHOLDER.findall(json.dumps(text)))


def owners():
    """The catalogues of the owner of this checkout."""
    return [path for folder in wording.FOLDERS for path in folder.glob(f"*/{catalogues.OWNERS}")]


def test_english_and_german_ship():
    assert LOCALES == ["de", "en"]


def test_no_text_is_in_two_parts():
    assert len(COMPLETE) == sum(len(ours("en", part)) for part in PARTS)


@pytest.mark.parametrize("part", sorted({*PARTS} - {*DOCUMENTS, catalogues.SHARED}))
def test_the_texts_of_what_loads_its_own_begin_with_its_name(part):
    assert [key for key in ours("en", part) if not key.startswith(f"{part}.")] == []


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("locale", LOCALES)
def test_no_text_is_missing_in_a_locale_and_none_is_left_over(locale, part):
    texts = ours(locale, part)
    assert texts.keys() == ours("en", part).keys()
    assert list(texts) == sorted(texts)
    assert {key for key in texts if places(texts[key]) != places(COMPLETE[key])} == set()
    assert texts.get("page.direction", "ltr") in {"ltr", "rtl"}
    plural = {key: text for key, text in texts.items() if not isinstance(text, str)}
    assert plural.keys() == {key for key in texts if not isinstance(COMPLETE[key], str)}
    assert {key for key, forms in plural.items() if not {"other"} <= forms.keys() <= PLURALS} == set()
    assert {key for key, text in texts.items() if not text or "<" in str(text) or "  " in str(text)} == set()


@pytest.mark.parametrize("path", owners(), ids=str)
def test_the_owner_s_catalogues_have_keys_that_there_are(path):
    keys = {key for key in json.loads(path.read_text("utf-8")) if not key.startswith(OF_SCOPES)}
    assert keys <= COMPLETE.keys()


@pytest.mark.slow
def test_every_text_is_used():
    used = in_files() | in_scripts()
    assert [key for key in COMPLETE if key not in used and not key.startswith(beginnings())] == []


def test_every_key_is_known():
    assert in_files() <= COMPLETE.keys()
    assert in_scripts() <= COMPLETE.keys()
    called = {key for groups in CALLS.findall(SOURCE) for key in groups if key}
    assert called <= COMPLETE.keys()


@pytest.mark.slow
@pytest.mark.parametrize("name", DOCUMENTS)
def test_scripts_have_the_texts_that_they_say(name):
    document = html.page(name, 1).html
    spoken = json.loads(re.search(r'id="words">(.*?)</script>', document, re.S)[1])
    brought = {key for part in (catalogues.SHARED, name) for key in ours("en", part)}
    assert in_scripts() & brought <= spoken.keys()
    assert {key for key in brought if key.startswith(beginnings())} <= spoken.keys()
    assert spoken.keys() <= brought


@pytest.mark.parametrize("path", [path for path in MODULES if path.parent.name != "console"], ids=str)
def test_a_script_says_what_its_document_brings_along(path):
    brought = {key for part in (catalogues.SHARED, path.parent.name) if part in PARTS for key in ours("en", part)}
    assert {key for key in html.LITERAL.findall(path.read_text("utf-8")) if key in COMPLETE} <= brought


class Words(HTMLParser):
    """The words of a file that are no texts of a catalogue."""

    SHOWN = ("title", "alt", "aria-label", "placeholder")

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(html.MARK.sub("", re.sub(r"\$\w+", "", text)))
        self.close()

    def handle_data(self, data):
        self.found += re.findall(r"[^\W\d_]+", data)

    def handle_starttag(self, _tag, attributes):
        self.found += [value for name, value in attributes if name in self.SHOWN and value]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_has_no_words_of_its_own(path):
    assert Words(path.read_text("utf-8")).found == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_text_in_an_attribute_has_no_places(path):
    within = re.findall(r'="\{\{([\w.-]+)[^}]*\}\}"', path.read_text("utf-8"))
    assert [key for key in within if places(COMPLETE[key])] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_script_has_no_sentences_of_its_own(path):
    if path.name in {"uqr.js", "uplot.js"}:
        return
    code = re.sub(r"//.*", "", path.read_text("utf-8"))
    code = re.sub(r"/\*.*?\*/", "", code, flags=re.S)
    sentences = re.findall(r"[\"'`]([A-Z][a-z]+ [^\"'`]*)[\"'`]", code)
    assert [
        sentence
        for sentence in sentences
        if sentence not in {"Samsung Internet"} and not sentence.startswith("Bearer ")
    ] == []


def test_every_part_of_a_receipt_has_its_name():
    parts = [*AT_ONCE, *WITHIN_THE_HOUR, IN_READ_MODEL, *Expiries.model_fields]
    assert {f"deleted.part-{re.sub('[ _]', '-', part)}" for part in parts} == {
        key for key in COMPLETE if key.startswith("deleted.part-")
    }


@pytest.mark.parametrize(
    ("beginning", "codes"), [("connection.problem-", get_args(Reason)), ("authorize.problem-", get_args(Shown))]
)
def test_everything_that_goes_wrong_on_the_way_has_its_sentence(beginning, codes):
    assert {f"{beginning}{code}" for code in codes} <= COMPLETE.keys()
