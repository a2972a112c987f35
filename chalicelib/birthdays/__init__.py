"""Birthdays: once a year, people are a year older."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.lazy import names_of

if TYPE_CHECKING:
    from chalicelib.birthdays.celebration import celebrate_page
else:
    __getattr__ = names_of(__name__, {"celebrate_page": "celebration"})

__all__ = ["celebrate_page"]
