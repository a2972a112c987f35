"""Asks the read model, for whoever cannot reach its database: the function `query_read_model` alone has its secret and
its network, so what answers requests is not slowed down by either."""

from __future__ import annotations

from typing import Any

from chalicelib.core.aws.invocations import ask as invoke
from chalicelib.core.errors import NotFound
from chalicelib.core.settings import settings


def ask(question: str, **details: Any) -> Any:
    """The answer to one of the questions of `answers`, whose details are JSON.

    Raises NotFound where the stage has no read model, what the question refuses (NotFound, Conflict, Invalid), and
    Unavailable where the database or the function does not answer.
    """
    require()
    return invoke("query_read_model", {"question": question, **details})


def require() -> None:
    """Raises NotFound where the stage has no read model."""
    if settings().read_model == "off":
        raise NotFound(
            "this stage has no read model (its setting READ_MODEL is off): GET /users looks people up by id, email "
            "address, beginning of the name, age, role or time of creation"
        )
