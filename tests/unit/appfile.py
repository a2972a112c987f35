"""`app.py` as a reader sees it: its handlers, and the functions that answer each."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

SEQUENCE = "chalicelib.core.schedules"
"""Runs one thing after another, and answers nothing itself."""


def handlers() -> dict[str, list[str]]:
    """Every event handler of `app.py`, with the modules that it imports when it is called."""
    page = ast.parse((ROOT / "app.py").read_text("utf-8"))
    return {
        node.name: [
            str(inner.module)
            for inner in ast.walk(node)
            if isinstance(inner, ast.ImportFrom) and inner.module != SEQUENCE
        ]
        for node in ast.walk(page)
        if isinstance(node, ast.FunctionDef)
    }
