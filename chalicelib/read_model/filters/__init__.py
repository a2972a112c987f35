"""The filter language: which people a text means (docs/searching.md), read once and written as SQL with parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.lazy import names_of

if TYPE_CHECKING:
    from chalicelib.read_model.filters.parser import Filter, parse
    from chalicelib.read_model.filters.sql import to_sql
else:
    __getattr__ = names_of(__name__, {"Filter": "parser", "parse": "parser", "to_sql": "sql"})

__all__ = ["Filter", "parse", "to_sql"]
