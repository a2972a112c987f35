"""Refusals as answers of a function, and back: an error that it raises would count as its own failure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.errors import Conflict, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

REFUSALS = {refusal.__name__: refusal for refusal in (NotFound, Conflict)}


def answering(job: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What the job returns, or `{refused, detail}` where it raises NotFound or Conflict."""
    try:
        return job()
    except (NotFound, Conflict) as refusal:
        return {"refused": type(refusal).__name__, "detail": refusal.detail}


def accepted(answer: Any) -> Any:
    """The answer of such a function. Raises what it refused with."""
    if isinstance(answer, dict) and "refused" in answer:
        raise REFUSALS[answer["refused"]](answer["detail"])
    return answer
