"""Refusals as answers of a function, and back: an error that it raises would count as its own failure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.errors import Conflict, Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable


def answering(job: Callable[[], Any]) -> Any:
    """What the job returns, or `{refused, detail}` where it raises NotFound, Conflict or Invalid."""
    try:
        return job()
    except Invalid as refusal:
        return {"refused": "Invalid", "detail": refusal.detail, "errors": refusal.errors}
    except (NotFound, Conflict) as refusal:
        return {
            "refused": "NotFound" if isinstance(refusal, NotFound) else "Conflict",
            "detail": refusal.detail,
        }


def accepted(answer: Any) -> Any:
    """The answer of such a function. Raises what it refused with."""
    if not isinstance(answer, dict) or "refused" not in answer:
        return answer
    if answer["refused"] == "Invalid":
        raise Invalid(answer["errors"], answer["detail"])
    raise {"NotFound": NotFound, "Conflict": Conflict}[answer["refused"]](answer["detail"])
