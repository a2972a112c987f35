"""A look before an import, of files that nobody made for it."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.core import wire
from chalicelib.core.http.responses import plain
from chalicelib.imports.model import Options
from chalicelib.imports.preview import preview
from chalicelib.imports.schemas import PreviewView, RowErrorView


def looked_at(*rows: dict[str, Any]) -> dict[str, Any]:
    return preview(json.dumps(rows).encode(), "users", Options(), whole=True)


def test_no_value_that_may_be_secret_is_shown():
    deep = {"a": {"b": {"c": {"d": {"e": {"secret": "hidden"}}}}}}
    shown = looked_at(
        {
            "mail": "ann@example.com",
            "city": "Oslo",
            "accounts": [{"token": "hidden"}],
            "lists": [[{"password": "hidden"}]],
            "digest": "$2b$10$hidden",
            "extra": '{"access_token": "hidden"}',
            "deep": deep,
        }
    )
    assert "hidden" not in json.dumps(shown)
    assert ["Oslo"] in [column["values"] for column in shown["columns"]]


def test_a_column_with_a_name_that_is_too_long_is_one_of_the_others():
    shown = looked_at({"mail": "ann@example.com", f"e{'-' * 300}mail": "bea@example.com"})
    assert shown["suggested"] == {"mail": "email", "*": "metadata.legacy.*"}


def test_a_member_that_no_text_can_hold_is_shown_all_the_same():
    """Half of a surrogate pair, as JSON may have it in an escape."""
    name = "a\ud800"
    shown = looked_at({"mail": "ann@example.com", name: {name: [{name: name}]}})
    refused = RowErrorView(line=1, field="metadata", reason="is not Unicode", row={"metadata": {name: {name: 1}}})
    for body in (PreviewView.model_validate(shown), refused):
        assert "a\ufffd" in wire.to_json(plain(body)).encode().decode()
