"""The function `operate_read_model`: what an operator has done to the read model.

Only whoever may invoke functions of the stage can ask it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core import logs
from chalicelib.core.aws.refusals import answering
from chalicelib.core.errors import Malformed
from chalicelib.read_model.database import database
from chalicelib.read_model.migrating import migrate, migrations

if TYPE_CHECKING:
    from collections.abc import Callable


def operate(event: Any) -> Any:
    """Do what `{"do": …}` names.

    - `migrate`: `{applied, version}`, the names of the migrations that the database lacked, and the number of the
      newest one

    What is refused is an answer too, `{refused, detail}`: no failure of this function. Raises Malformed for an event
    of another shape, and Unavailable where the database does not answer.
    """
    job = _JOBS.get(event.get("do", "")) if isinstance(event, dict) else None
    if job is None:
        raise Malformed(f'the event must be {{"do": …}}, one of {", ".join(_JOBS)}')
    logs.info("operating the read model", job=event["do"])
    return answering(lambda: job(event))


def _migrate(_event: dict[str, Any]) -> dict[str, Any]:
    return {"applied": migrate(database()), "version": migrations()[-1].number}


_JOBS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {"migrate": _migrate}
