"""The function `operate_stage`: looks into dead-letter queues, has what is in them tried again, begins rotations.

Only the API and whoever may invoke functions of the stage can ask it; the API has asked them who they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core import logs
from chalicelib.core.aws.refusals import answering
from chalicelib.core.errors import Malformed
from chalicelib.operations.listing import list_all, list_queue, open_letter
from chalicelib.operations.redrive import redrive
from chalicelib.operations.rotation import rotate

if TYPE_CHECKING:
    from collections.abc import Callable

LISTED = 50
"""Messages that are listed of one queue. One fault parks many similar messages, so the first ones show what it is."""


def operate(event: Any) -> Any:
    """Do what `{"do": …}` names.

    - `list` {queue?, limit?}: one dead-letter queue, or `{queues}`, all of them; see `listing`
    - `open` {queue, id}: one message with its contents
    - `redrive` {queue, ids?, most?}: see `redrive`
    - `rotate` {key}: see `rotation`

    `by` is the id of whoever asked, for the log. What is refused is an answer too, `{refused, detail}`: no failure
    of this function. Raises Malformed for an event of another shape.
    """
    job = _JOBS.get(event.get("do", "")) if isinstance(event, dict) else None
    if job is None:
        raise Malformed(f'the event must be {{"do": …}}, one of {", ".join(_JOBS)}')
    logs.info(
        "operating",
        job=event["do"],
        queue=event.get("queue"),
        key=event.get("key"),
        letter=event.get("id"),
        by=event.get("by"),
    )
    return answering(lambda: job(event))


def _list(event: dict[str, Any]) -> dict[str, Any]:
    limit = int(event.get("limit", LISTED))
    return list_queue(event["queue"], limit) if "queue" in event else {"queues": list_all(limit)}


_JOBS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "list": _list,
    "open": lambda event: open_letter(event["queue"], event["id"]),
    "redrive": lambda event: redrive(event["queue"], ids=event.get("ids") or (), most=event.get("most")),
    "rotate": lambda event: rotate(event["key"]),
}
