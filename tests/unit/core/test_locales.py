"""Which locale suits somebody: RFC 4647's lookup, over what a browser or a person wants."""

from __future__ import annotations

import pytest

from chalicelib.core.locales import COMPLETE, LONGEST, accepted, best, lookup
from chalicelib.core.settings import settings

AVAILABLE = ("en", "de", "pt-BR", "zh_Hant")


@pytest.mark.parametrize(
    ("wanted", "locale"),
    [
        ([], "en"),
        (["de"], "de"),
        (["DE_at"], "de"),
        (["de-AT-1901"], "de"),
        (["fr", "de"], "de"),
        (["fr", "pt"], "en"),
        (["pt-br-x-private"], "pt-BR"),
        (["zh-hant-TW"], "zh_Hant"),
        (["zh"], "en"),
        (["", "-", "../de", "*", "de" * LONGEST], "en"),
    ],
)
def test_the_first_that_any_suits(wanted, locale):
    assert best(wanted, AVAILABLE) == locale


def test_whoever_nothing_suits_gets_the_default_and_then_english():
    with settings.held(default_locale="de-CH"):
        assert best(["fr"], AVAILABLE) == "de"
        assert best(["fr"], ["en"]) == COMPLETE


def test_a_letter_goes_with_what_follows_it():
    longest = "zh-hant-cn-x-private1-private2"
    assert [*lookup(longest.upper())] == [longest, "zh-hant-cn-x-private1", "zh-hant-cn", "zh-hant", "zh"]


@pytest.mark.parametrize(
    ("header", "languages"),
    [
        ("", []),
        ("de", ["de"]),
        ("da, en-gb;q=0.8, en;q=0.7", ["da", "en-gb", "en"]),
        ("en;q=0.5,de ; q=0.9, fr;q=0.9", ["de", "fr", "en"]),
        ("de;q=0, *;q=0.5, en;Q=0.1", ["en"]),
        ("de;q=2, en;q=x, fr;level=1, it", ["it"]),
        (",,;q=1, ;", []),
        ("de," * 5000, ["de"] * 20),
    ],
)
def test_what_a_browser_accepts(header, languages):
    assert accepted(header) == languages
