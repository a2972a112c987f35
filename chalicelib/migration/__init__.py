"""Migration: the old system is asked whether a password is right, because it gives no hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.lazy import names_of

if TYPE_CHECKING:
    from chalicelib.migration.verdicts import Question, Verdict
    from chalicelib.migration.verification import ask
else:
    __getattr__ = names_of(
        __name__,
        {"Question": "verdicts", "Verdict": "verdicts", "ask": "verification"},
    )

__all__ = ["Question", "Verdict", "ask"]
