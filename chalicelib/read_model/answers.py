"""The function `query_read_model`: answers questions about people and events by SQL. It changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core import logs
from chalicelib.core.aws.refusals import answering
from chalicelib.core.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Answer = Callable[[Mapping[str, Any]], Any]


def answer(event: Any) -> Any:
    """The answer to `{"question": name, …}`, or `{refused, detail}`. Raises Malformed for an event of another shape,
    Unavailable where the database does not answer."""
    question = event.get("question") if isinstance(event, dict) else None
    answers = _answers()
    if question not in answers:
        raise Malformed(f"the event must have a question: one of {', '.join(answers)}")
    logs.info("asked", question=question)
    return answering(lambda: answers[question](event))


def _answers() -> dict[Any, Answer]:
    """What answers each question."""
    from chalicelib.read_model import views
    from chalicelib.read_model.erased import erased
    from chalicelib.read_model.rebuild.status import status
    from chalicelib.read_model.search import search
    from chalicelib.read_model.segments import select_people

    return {"erased": erased, "search": search, "select": select_people, "status": status, "view": views.answer}
