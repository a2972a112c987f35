"""The page of moving out says of each format what the format leaves out, and which hashes it takes."""

from __future__ import annotations

import re

import pytest

from chalicelib.core.settings import settings
from chalicelib.exports.formats import firebase
from chalicelib.exports.formats.cognito import ALGORITHMS
from chalicelib.exports.model import FORMATS, HASHES
from chalicelib.passwords import kind_of
from chalicelib.passwords.schemes import digests
from tests.unit.docs import markdown
from tests.unit.exports.files import ANN, FIRESCRYPT, GOOGLE, PBKDF2, exported
from tests.unit.passwords.test_hash_vectors import VECTORS, of

EVERYTHING = {
    **ANN,
    "attributes": {"picture": "https://a.example/a.png"},
    "identities": [GOOGLE],
    "metadata": {"plan": "gold"},
    "password_hash": None,
}
PLAIN = [of(algorithm, {}, b"salt", "00" * size) for algorithm, size in digests.SIZES.items()]
STORED = [FIRESCRYPT, PBKDF2, *PLAIN, *(stored for _, stored in VECTORS)]
OURS = ("ndjson", "csv")


def said(file_format: str, what: str) -> set[str]:
    heading = "Ours" if file_format in OURS else file_format.capitalize()
    section = markdown.page("docs/moving/out.md").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    item = re.search(rf"^- \*\*{what}\*\*: (.*(?:\n  .*)*)", section, flags=re.MULTILINE)
    assert item, f"{heading} does not say its {what}"
    return {"all"} if item[1] == "all" else set(markdown.codes(item[1]))


def takes(file_format: str, stored: str) -> bool:
    """Whether a file of the format holds this hash; for formats with one kind of hashes, one that is for its kind."""
    kinds = {"cognito": [*ALGORITHMS], "firebase": [firebase.hash_of(stored)[0]]}.get(file_format, [""])
    person, nobody = [{**EVERYTHING, "password_hash": stored}], exported(file_format, [])[0]
    asked = [kind for kind in kinds if not kind or HASHES[file_format][1].fullmatch(kind)]
    files = [exported(file_format, person, hashes=kind) for kind in asked]
    return any(data != nobody and "password_hash" not in " ".join(left_out) for data, left_out in files)


@pytest.mark.parametrize("file_format", FORMATS)
def test_what_a_format_leaves_out(file_format):
    with settings.held(token_claims=("plan",)):
        left_out = exported(file_format, [EVERYTHING])[1]
    assert said(file_format, "left out") == left_out.keys()


@pytest.mark.parametrize("file_format", FORMATS)
def test_which_hashes_a_format_takes(file_format):
    taken = {kind_of(stored) for stored in STORED if takes(file_format, stored)}
    assert said(file_format, "hashes") == ({"all"} if file_format in OURS else taken)
