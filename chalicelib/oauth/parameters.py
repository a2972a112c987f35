"""What the parameters of all OAuth requests have in common."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import model_validator

from chalicelib.core.http.models import AnyQuery


class Parameters(AnyQuery):
    """Parameters of a query or a form (RFC 6749, sections 3.1 and 3.2): those that are empty or unknown count as not
    sent, and one that is sent twice is refused."""

    once: ClassVar[bool] = True

    @model_validator(mode="before")
    @classmethod
    def _without_empty_ones(cls, fields: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in fields.items() if value != ""}
