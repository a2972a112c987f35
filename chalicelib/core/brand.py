"""The product whose accounts these are, as its owner shows it: what may be set of it, and the colours that follow.

Colours are held to WCAG 2.2: https://www.w3.org/TR/WCAG22/#contrast-minimum.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROLLCALL = "Rollcall"
NAME_LIMIT = 60
CONTRAST = 4.5
"""Level AA, for texts of any size."""

COLOUR = re.compile("#[0-9a-fA-F]{6}")
LOGO = re.compile(r"[\w-]+(\.[\w-]+)*\.svg")

GROUNDS = {
    "accent_color": {"--card": "#ffffff", "--paper": "#f4f5fa"},
    "accent_color_dark": {"--card": "#1b1e29", "--paper": "#12141c"},
}
"""What texts in the accent stand on, in light and in dark, as `web/shared/style.css` has it."""

_STRONGER = {"accent_color": ("#000000", 0.22), "accent_color_dark": ("#ffffff", 0.28)}
"""What the accent is mixed with, and how much, where it must stand out more."""
_TINT = 0.09
"""How much of the accent is in the ground of what is marked."""


def check(name: str, value: str) -> None:
    """Hold a setting of the brand to its rule; others pass. Raises ValueError."""
    if value and (rule := _RULES.get(name)):
        rule(name, value)


def check_together(terms_url: str, terms_version: str) -> None:
    """Raises ValueError where people would agree to terms that they cannot read."""
    if terms_version and not terms_url:
        raise ValueError("is set without TERMS_URL, where people read what they agree to")


def palette(name: str, accent: str) -> dict[str, str]:
    """The colours that follow from an accent, as custom properties of the stylesheet; `name` is that of its setting,
    which says whether it is for light or dark."""
    card, paper = GROUNDS[name].values()
    return {
        "--accent": accent,
        "--accent-strong": _mixed(accent, *_STRONGER[name]),
        "--on-accent": card if name == "accent_color" else paper,
        "--tint": _mixed(card, accent, _TINT),
    }


def support_link(support: str) -> str:
    """Where a link for help leads."""
    return f"mailto:{support}" if "@" in support else support


def contrast(one: str, other: str) -> float:
    """How much two colours differ in light, from 1 to 21: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    channels = (part / 255 for part in _parts(colour))
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _mixed(colour: str, other: str, share: float) -> str:
    pairs = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{round(one + (another - one) * share):02x}" for one, another in pairs)


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def _check_name(_name: str, value: str) -> None:
    _check_line(_name, value)
    if "${" in value:
        raise ValueError("holds ${, which templates take for a parameter")


def _check_line(_name: str, value: str) -> None:
    from chalicelib.core import texts

    if texts.visible(value, NAME_LIMIT) != value:
        raise ValueError("has spaces that are not shown")


def _check_accent(name: str, value: str) -> None:
    if not COLOUR.fullmatch(value):
        raise ValueError(f"is {value!r}, not a colour like #3b4cca")
    colours = palette(name, value)
    grounds = [*((value, ground) for ground in GROUNDS[name].values())]
    for text, ground in (*grounds, (colours["--accent-strong"], colours["--tint"])):
        if (ratio := contrast(text, ground)) < CONTRAST:
            scheme = "light" if name == "accent_color" else "dark"
            raise ValueError(
                f"is {value}, which nobody could read in the {scheme} scheme: {text} on {ground} has a contrast of"
                f" {int(ratio * 10) / 10}:1, and WCAG 2.2 AA asks for {CONTRAST}:1"
            )


def _check_url(_name: str, value: str) -> None:
    if not re.fullmatch(r"https://[^\s\"'<>]+", value):
        raise ValueError(f"is {value!r}, not an address that begins with https://")


def _check_support(name: str, value: str) -> None:
    from chalicelib.core import email_addresses

    if "@" in value:
        email_addresses.reachable(value)
    else:
        _check_url(name, value)


def _check_logo(_name: str, value: str) -> None:
    from chalicelib.core import wording

    if not LOGO.fullmatch(value):
        raise ValueError(f"is {value!r}, not the name of an SVG file")
    if wording.find(value) is None:
        raise ValueError(f"names {value}, which is not in vendor/wording")


_RULES: dict[str, Callable[[str, str], None]] = {
    "product_name": _check_name,
    "logo": _check_logo,
    "mail_logo_url": _check_url,
    "accent_color": _check_accent,
    "accent_color_dark": _check_accent,
    "terms_url": _check_url,
    "terms_version": _check_line,
    "privacy_url": _check_url,
    "support": _check_support,
}
