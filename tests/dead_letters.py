"""Dead letters as the function `operate_stage` lists and redrives them, told in the lines that tests look for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.aws.refusals import accepted
from chalicelib.core.errors import NotFound
from tools import operate
from tools.console import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.stage import Stage

LISTED = 50
"""Messages that are listed of one queue."""


def listed(stage: Stage, *, bodies: bool = False) -> str:
    """Every dead-letter queue of the stage; with `bodies` the contents too."""
    queues = _asked(stage, {"do": "list", "limit": LISTED})["queues"]
    lines = [line for queue in queues if queue["count"] for line in _lines(stage, queue, bodies=bodies)]
    return "\n".join([*lines, f"empty: {', '.join(queue['queue'] for queue in queues if not queue['count'])}"])


def redriven(stage: Stage, name: str) -> str:
    """What became of the messages of a dead-letter queue, as many as there are now, and what it holds then."""
    queue = _asked(stage, {"do": "list", "queue": name, "limit": 1})
    total, redriven, kept = queue["count"], 0, dict[str, Any]()
    lines: list[str] = []
    while redriven + len(kept) < total:
        event = {"do": "redrive", "queue": queue["queue"], "most": total - redriven}
        answer = _asked(stage, event)
        lines += [f"redriven {each['source']} {each['id']}: {each['outcome']}" for each in answer["outcomes"]]
        kept |= {each["id"]: each for each in answer["kept"]}
        redriven += answer["redriven"]
        if not answer["redriven"]:
            break
    lines += [f"kept {each['source']} {each['id']}: {each['reason']}" for each in kept.values()]
    left = _asked(stage, {"do": "list", "queue": name})
    lines.append(f"{redriven} redriven, {len(kept)} kept; {left['count']} there now")
    return "\n".join([*lines, *_lines(stage, left, bodies=False)])


def _lines(stage: Stage, queue: dict[str, Any], *, bodies: bool) -> Iterator[str]:
    yield f"{queue['queue']}: {queue['count']}"
    for letter in queue["letters"]:
        yield f"{letter['source']}, tried {letter['times']} ×: {letter['reason']} {letter['keys']}"
        if bodies:
            opened = _asked(stage, {"do": "open", "queue": queue["queue"], "id": letter["id"]})
            yield str(opened["body"])


def _asked(stage: Stage, event: dict[str, Any]) -> Any:
    try:
        return accepted(operate.invoke(stage, "operate_stage", event))
    except NotFound as refusal:
        raise Problem(refusal.detail) from None
