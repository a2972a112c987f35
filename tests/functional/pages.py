"""The queue `jobs` as its consumer would empty it. moto holds a delayed message back by the real clock, which no test
waits for: here it comes when the test asks."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chalicelib.core.aws import clients
from chalicelib.job_runner.job_pages import run_job_pages
from tests.functional.faults import listening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cloudlike import Cloud


@contextmanager
def without_delays() -> Iterator[None]:
    """Have messages of the block come at once, however long they were to wait."""

    def at_once(params: dict[str, Any], **_: Any) -> None:
        params.pop("DelaySeconds", None)

    with listening(clients.client("sqs"), "provide-client-params.sqs.SendMessage", at_once):
        yield


def run_jobs(cloud: Cloud) -> int:
    """Run pages of jobs until none is queued: how many there were."""
    pages = 0
    while records := cloud.take("jobs"):
        pages += len(records)
        run_job_pages({"Records": records})
    return pages
