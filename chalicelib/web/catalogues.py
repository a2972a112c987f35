"""The texts of the pages, in every locale that has a catalogue.

Ours are in `catalogues/<locale>/<part>.json`: what all pages share, what those of one's own account say, and each part
of the console. The owner of a stage replaces texts and adds locales by `<locale>/pages.json` in the folder for their
words (`core.wording.FOLDERS`). A catalogue is one JSON object: each key begins with the page that shows its text, and a
text is one, or one for each plural category of CLDR (`one`, `other`...). Whatever a locale lacks comes from its
language (`de-AT`: `de`), then from `DEFAULT_LOCALE`, then from `en`.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from chalicelib.core import locales, wording
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OURS = Path(__file__).parent / "catalogues"
OWNERS = "pages.json"
SHARED = "shared"

Text = str | dict[str, str]


def find(preferred: Iterable[str], folders: tuple[Path, ...] = wording.FOLDERS) -> str:
    """The locale, as its catalogue is called, that suits the first of the preferred languages that any does."""
    return locales.best(preferred, _files(folders))


def all_locales(folders: tuple[Path, ...] = wording.FOLDERS) -> list[str]:
    """Every locale that has a catalogue, as its folder is called."""
    return sorted(_files(folders))


def of_document(name: str, locale: str) -> Mapping[str, Text]:
    """The texts that a document brings along: all but those of the other documents, and of what loads its own."""
    elsewhere = [_keys(part) for part in parts() if part not in {SHARED, name}]
    return {key: text for key, text in texts(locale).items() if not any(key in keys for keys in elsewhere)}


def of_part(part: str, locale: str) -> Mapping[str, Text]:
    """The texts of one part."""
    return {key: text for key, text in texts(locale).items() if key in _keys(part)}


def parts() -> list[str]:
    """The parts that the texts are in."""
    return sorted(path.stem for path in OURS.glob(f"{locales.COMPLETE}/*.json"))


def texts(locale: str, folders: tuple[Path, ...] = wording.FOLDERS) -> Mapping[str, Text]:
    """Every text of the pages in a locale, by its key."""
    tags = (*locales.lookup(locale), *locales.lookup(settings().default_locale), locales.COMPLETE)
    return _merged(tags, folders)


@cache
def _merged(tags: tuple[str, ...], folders: tuple[Path, ...]) -> Mapping[str, Text]:
    """The texts of these locales; an earlier one's count. They are asked for once for each part of the console."""
    files = _files(folders)
    names = {locales.normal(name): name for name in files}
    merged: dict[str, Text] = {}
    for tag in reversed(tags):
        for path in files.get(names.get(tag, ""), ()):
            merged |= json.loads(path.read_text("utf-8"))
    return MappingProxyType(merged)


@cache
def _keys(part: str) -> frozenset[str]:
    return frozenset(json.loads((OURS / locales.COMPLETE / f"{part}.json").read_text("utf-8")))


@cache
def _files(folders: tuple[Path, ...]) -> dict[str, list[Path]]:
    """The files of each locale; what a later one says counts."""
    paths = [
        *OURS.glob("*/*.json"),
        *(path for folder in reversed(folders) for path in folder.glob(f"*/{OWNERS}")),
    ]
    files: dict[str, list[Path]] = {}
    spellings: dict[str, str] = {}
    for path in paths:
        name = path.parent.name
        files.setdefault(spellings.setdefault(locales.normal(name), name), []).append(path)
    return files
