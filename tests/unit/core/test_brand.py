"""What an owner may set of their product, and that its texts can be read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from chalicelib.core import brand
from chalicelib.core.settings import Settings, SettingsError, read
from chalicelib.web import assets
from infra.stage import Stage, StageError
from infra.template import environment
from tests.environment import ENVIRONMENT

STYLE = (assets.HERE / "shared" / "style.css").read_text("utf-8")
SCHEMES = {"accent_color": 0, "accent_color_dark": 1}


def grounds(scheme):
    """The colours of the stylesheet in a scheme, of those that the brand stands on."""
    block = re.findall(r":root \{(.*?)\}", STYLE, re.S)[SCHEMES[scheme]]
    colours = dict(re.findall(r"(--\w+): (#[0-9a-f]+);", block))
    return {name: colours[name] if len(colours[name]) == 7 else f"#{colours[name][1:] * 2}" for name in colours}


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.47), ("#3b4cca", "#3B4CCA", 1)],
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert brand.contrast(one, other) == brand.contrast(other, one) == pytest.approx(ratio, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_colours_are_checked_against_what_the_pages_have(scheme):
    shown = grounds(scheme)
    assert brand.GROUNDS[scheme].items() <= shown.items()


READABLE = {
    "accent_color": [Settings.accent_color, "#b00020", "#006d3c", "#5b5b5b", "#000000"],
    "accent_color_dark": [Settings.accent_color_dark, "#ff9d4d", "#7fdc8f", "#c9c9c9", "#ffffff"],
}


@pytest.mark.parametrize(
    ("scheme", "accent"), [(scheme, accent) for scheme in SCHEMES for accent in READABLE[scheme]]
)
def test_an_accent_that_can_be_read_is_taken(scheme, accent):
    brand.check(scheme, accent)


@pytest.mark.slow
@examples(max_examples=200)
@given(scheme=st.sampled_from(sorted(SCHEMES)), channels=st.binary(min_size=3, max_size=3))
def test_an_accent_that_is_taken_can_be_read_wherever_it_stands(scheme, channels):
    accent = f"#{channels.hex()}"
    try:
        brand.check(scheme, accent)
    except ValueError:
        return
    colours = grounds(scheme) | brand.palette(scheme, accent)
    pairs = [
        *(("--accent", ground) for ground in ("--card", "--paper")),
        *(("--on-accent", ground) for ground in ("--accent", "--accent-strong")),
        *((text, "--tint") for text in ("--accent-strong", "--ink")),
    ]
    ratios = {pair: brand.contrast(*(colours[name] for name in pair)) for pair in pairs}
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < brand.CONTRAST} == {}


WRONG = {
    "ACCENT_COLOR": {
        "#ffcc00": "ACCENT_COLOR is #ffcc00, which nobody could read in the light scheme: #ffcc00 on #ffffff has a"
        " contrast of 1.5:1, and WCAG 2.2 AA asks for 4.5:1",
        "blue": "not a colour like #3b4cca",
    },
    "ACCENT_COLOR_DARK": {"#3b4cca": "in the dark scheme"},
    "PRODUCT_NAME": {
        "Acme\u202e": "cannot be seen",
        "Acme  Inc": "spaces",
        "${Acme}": "parameter",
        "A" * 61: "60",
    },
    "LOGO": {"logo.png": "SVG", "../logo.svg": "SVG", "nowhere.svg": "not in vendor/wording"},
    "MAIL_LOGO_URL": {"http://acme.example/logo.png": "https://", 'https://acme.example/"': "https://"},
    "TERMS_URL": {"javascript:alert(1)": "https://"},
    "PRIVACY_URL": {"/privacy": "https://"},
    "SUPPORT": {"help@": "email address", "acme.example/help": "https://"},
}


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [(variable, value, complaint) for variable in WRONG for value, complaint in WRONG[variable].items()],
)
def test_what_could_not_be_shown_is_refused_when_it_is_read_and_when_it_is_packaged(variable, value, complaint):
    with pytest.raises(SettingsError, match=re.escape(complaint)) as met:
        read({**ENVIRONMENT, variable: value})
    assert variable in str(met.value)
    with pytest.raises(StageError, match=re.escape(complaint)):
        Stage("dev", {variable: value})


def test_nobody_agrees_to_what_they_cannot_read():
    with pytest.raises(SettingsError, match="TERMS_VERSION is set without TERMS_URL"):
        read({**ENVIRONMENT, "TERMS_VERSION": "2026-03"})
    with pytest.raises(StageError, match="TERMS_VERSION without TERMS_URL"):
        Stage("dev", {"TERMS_VERSION": "2026-03"})
    terms = {"TERMS_VERSION": "2026-03", "TERMS_URL": "https://acme.example/terms"}
    assert read({**ENVIRONMENT, **terms}).terms_version == "2026-03"


@pytest.mark.parametrize(
    ("settings", "sender"),
    [
        ({}, "Rollcall <rollcall@${MailDomain}>"),
        ({"PRODUCT_NAME": "Acme"}, "Acme <account@${MailDomain}>"),
        ({"PRODUCT_NAME": "Acme, Inc. (EU)", "MAIL_USER": "hello"}, '"Acme, Inc. (EU)" <hello@${MailDomain}>'),
        ({"PRODUCT_NAME": "Grün"}, "=?utf-8?b?R3LDvG4=?= <account@${MailDomain}>"),
    ],
)
def test_mails_come_from_the_product(settings, sender):
    assert environment(Stage("dev", settings))["MAIL_FROM"] == sender
