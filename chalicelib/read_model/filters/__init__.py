"""The filter language: which people a text means (docs/searching.md), read once and written as SQL with parameters."""

from __future__ import annotations

from chalicelib.read_model.filters.parser import Filter, parse
from chalicelib.read_model.filters.sql import to_sql

__all__ = ["Filter", "parse", "to_sql"]
