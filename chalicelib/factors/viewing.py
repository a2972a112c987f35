"""What is shown of somebody's factors."""

from __future__ import annotations

from typing import Any

from chalicelib.factors import model
from chalicelib.factors.store import factors


def view(user_id: str) -> dict[str, Any]:
    """A person's factors as they see them themselves, without any secret: one read."""
    return model.view(factors().of(user_id))
