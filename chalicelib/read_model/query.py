"""Asks the read model, and queues pages for it, for whoever cannot reach its database: functions of its own alone have
its secret and its network, so what answers requests is not slowed down by either."""

from __future__ import annotations

from typing import Any

from chalicelib.core import wire
from chalicelib.core.aws import clients
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


def queue_page(job_id: str, kind: str, job_page: dict[str, Any], delay_seconds: int = 0) -> None:
    """Queue one page of a job for the handler `on_read_model`. It runs once or more often, so it must be repeatable."""
    clients.send("read-model", wire.to_json({"job": job_id, "kind": kind, "page": job_page}), delay_seconds)


def require() -> None:
    """Raises NotFound where the stage has no read model."""
    if settings().read_model == "off":
        raise NotFound(
            "this stage has no read model (its setting READ_MODEL is off): GET /users looks people up by id, email "
            "address, beginning of the name, age, role or time of creation"
        )
