"""One rule for every text that people see."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core import texts

UNSEEN_ALONE = [
    "\u200b",
    "\u2800",
    "\u2800\u2800 \u2800",
    "\u3164",
    "\u115f",
    "\u1160",
    "\uffa0",
    "\u00ad",
    "\u034f",
    "\u061c",
    "\u17b4",
    "\u180e",
    "\u200c",
    "\u200d",
    "\u200e",
    "\u200f",
    "\u2060",
    "\u2064",
    "\ufeff",
    "\ufe0f",
    "\ufff9",
    "\ufffc",
    "\U00013441\U00013442",
    "\U0001d159",
    "\U0001d173",
    "\U000e0001",
    "\U000e0041\U000e0064\U000e0061",
    "\U000e0100",
    "\u0301",
    "\ue000",
    "\u0378",
    "\ufdd0",
    "\U0010ffff",
    "\u00a0",
    "\u3000",
]
HIDDEN_AMONG_LETTERS = [
    "A\nda",
    "A\x07da",
    "A\x85da",
    "A\u2028da",
    "A\u202eda",
    "A\u2067da",
    "A\u200fda",
    "A\u061cda",
    "A\u200bda",
    "A\u00adda",
    "A\u3164da",
    "A\U00013430da",
    "A\U00016fe4da",
    "Ada \uf8ff",
    "Ada \U000f0000",
    "A\ud800da",
    "A\U000e0064\U000e0061da",
    "Ada\u200d",
    "\u200cAda",
    "Ada \u200d Byron",
    "A\u200d\u200dda",
    "Ada\ufe0f\ufe0f",
    "Ada \ufe0f",
    "Ada \U0001f3f4\U000e0067\U000e0062",
]
KEPT = [
    "Ada",
    "\u674e",
    "\uae40",
    "\u3042",
    ".",
    "\u0646\u0631\u06af\u0633\u200c\u062e\u0627\u062a\u0648\u0646",
    "\u0915\u094d\u200d\u0937",
    "\u0d28\u0d4d\u200d",
    "\U0001f469\u200d\U0001f52c",
    "\U0001f469\U0001f3fd\u200d\U0001f52c",
    "\u2764\ufe0f\u200d\U0001f525",
    "1\ufe0f\u20e3",
    "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f Ada",
    "\u845b\U000e0100\u98fe",
    "\u1820\u180b",
    "\u2813\u2800\u2813",
    "O\u2019Brien-\u0141ukasz, Jr.",
]


@pytest.mark.parametrize("text", UNSEEN_ALONE)
def test_a_text_that_nobody_can_see_is_refused(text):
    with pytest.raises(ValueError, match=r"can(not)? be seen|1 to 200 characters"):
        texts.visible(text, 200)


@pytest.mark.parametrize("text", HIDDEN_AMONG_LETTERS)
def test_nothing_hides_among_what_is_seen(text):
    with pytest.raises(ValueError, match="cannot be seen"):
        texts.visible(text, 200)


@pytest.mark.parametrize("text", KEPT)
def test_joiners_selectors_and_flags_stay_where_a_script_or_an_emoji_needs_them(text):
    assert texts.visible(text, 200) == text


def test_a_text_is_kept_in_one_form():
    assert texts.visible("  Ada \u00a0 Jose\u0301 ", 200) == "Ada Jos\u00e9"


@pytest.mark.parametrize("text", ["", "  ", "a" * 11, "\u0301\u0327" * 500_000, 7, None])
def test_a_text_has_a_length_and_more_than_some_times_that_is_not_looked_at(text):
    with pytest.raises(ValueError, match=r"must (be text|have 1 to 10 characters)"):
        texts.visible(text, 10)


@given(st.text())
def test_what_is_kept_is_kept_again_as_it_is_and_shows_something(text):
    try:
        kept = texts.visible(text, 200)
    except ValueError:
        return
    assert texts.visible(kept, 200) == kept
    assert any(unicodedata.category(character)[0] in "LNPS" for character in kept)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Mozilla/5.0 (X11)", "Mozilla/5.0 (X11)"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("two\r\nlines\x07\tand\u2028more", "two lines and more"),
        ("\u200b \u3164\u2800", ""),
        ("x" * 30, "x" * 20),
        ("e\u0301", "\u00e9"),
        ("\ud800a", "a"),
        ("x" * 19 + "e\u200cy", "x" * 19 + "e"),
        ("", ""),
    ],
    ids=ascii,
)
def test_of_what_is_not_ours_to_refuse_what_can_be_seen_is_shown(text, seen):
    assert texts.shown(text, 20) == seen


@given(st.text())
def test_what_is_shown_would_be_taken(text):
    seen = texts.shown(text, 20)
    assert seen == "" or texts.visible(seen, 20) == seen
