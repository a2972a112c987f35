"""Where the owner of a stage has words and pictures of their own: texts of mails and pages, and a logo."""

from __future__ import annotations

from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]

FOLDERS: tuple[Path, ...] = (_ROOT / "wording", _ROOT / "vendor" / "wording")
"""Chalice packages what `vendor` holds beside `chalicelib`: https://aws.github.io/chalice/topics/packaging.html"""


def find(name: str, folders: tuple[Path, ...] = FOLDERS) -> Path | None:
    """The file of that name in the first of the folders that has it."""
    return next((folder / name for folder in folders if (folder / name).is_file()), None)
