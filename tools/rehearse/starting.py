"""The API's function as it starts where an owner pays for less waiting: from a snapshot, and kept ready."""

from __future__ import annotations

import dataclasses
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from infra.arns import log_group_name
from infra.costs import API_GB
from infra.starting import ALIAS, PROVISIONED, SNAP_START
from tools.deploying import deploy_folder, package_alone
from tools.rehearse.people import expect
from tools.rehearse.steps import Failed, Skipped, step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.rehearse.context import Rehearsal, Sizes
    from tools.rehearse.steps import Evidence

AT_ONCE = 12
"""Requests at once, none of which finds an idle process."""

PROCESSES = 2
"""The fewest processes that so many requests start."""

UNRESERVED = 100
"""Executions that must stay free for functions without any of their own:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"""

LOCAL = "the local cloud publishes no versions"


def _snapshot(_: Sizes) -> Mapping[str, float]:
    """A snapshot is paid for three hours at least, and each restore from it."""
    return {"snapshot GB hours": 3 * API_GB, "restored snapshot GB": AT_ONCE * API_GB}


@step(
    needs=("deploying-unchanged", "administrator"),
    minutes=6,
    uses=_snapshot,
    aws_only=LOCAL,
    look="infra/starting.py, chalicelib/core/snapshots.py, and the log group of the API",
)
def starting_from_a_snapshot(rehearsal: Rehearsal) -> Evidence:
    """The API starts from a snapshot, and its processes have nothing in common that must differ.

    A version is published with a snapshot, and API Gateway calls its alias. Many requests at once are answered by
    several processes that go on from it: each job that they make has an id of its own, and tokens are taken.
    """
    _deploy(rehearsal, SNAP_START, "on")
    return from_one_snapshot(rehearsal)


def from_one_snapshot(rehearsal: Rehearsal) -> Evidence:
    """What the deployed version shows. Raises Failed where it has no snapshot, or its processes are too much alike."""
    administrator = rehearsal.admin
    configured = rehearsal.client("lambda").get_function_configuration(
        FunctionName=rehearsal.names.api, Qualifier=ALIAS
    )
    status = configured.get("SnapStart", {}).get("OptimizationStatus")
    if status != "On":
        raise Failed(f"the alias has no snapshot: {status}", version=configured.get("Version"))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: administrator.call("POST", "/imports", {}), range(AT_ONCE)))
    ids = [expect(answer, 200, 201, what="POST /imports")["id"] for answer in answers]
    repeated = [job for job, count in Counter(job[10:] for job in ids).items() if count > 1]
    if repeated:
        raise Failed("processes of one snapshot made the same random numbers", random_parts=repeated)
    version = str(configured["Version"])
    processes = rehearsal.until(lambda: _processes(rehearsal, version), "the log of several processes", 3)
    return {"version": version, "requests": AT_ONCE, "processes": processes}


@step(
    needs=("starting-from-a-snapshot",),
    minutes=6,
    uses=lambda _: {"ready GB hours": 0.3 * API_GB},
    aws_only=LOCAL,
    look="infra/starting.py; the function's provisioned concurrency in the console of Lambda",
)
def kept_ready(rehearsal: Rehearsal) -> Evidence:
    """A process of the API is kept ready, and answers.

    A version without a snapshot takes the place of the one before, under the same alias.
    """
    free = rehearsal.client("lambda").get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    if free <= UNRESERVED:
        raise Skipped(f"of {free} executions none can be kept ready: {UNRESERVED} must stay free")
    _deploy(rehearsal, PROVISIONED, "1")
    return one_ready(rehearsal)


def one_ready(rehearsal: Rehearsal) -> Evidence:
    """What Lambda says of the process that it keeps. Raises Failed where it keeps none."""
    client = rehearsal.client("lambda")

    def ready() -> dict[str, Any] | None:
        found: dict[str, Any] = client.get_provisioned_concurrency_config(
            FunctionName=rehearsal.names.api, Qualifier=ALIAS
        )
        if found["Status"] == "FAILED":
            raise Failed(f"no process is kept ready: {found.get('StatusReason')}")
        return found if found["Status"] == "READY" else None

    found = rehearsal.until(ready, "a process that is ready", 5)
    expect(rehearsal.api.call("GET", "/health"), 200, what="GET /health")
    return {"ready": found["AvailableProvisionedConcurrentExecutions"]}


def _deploy(rehearsal: Rehearsal, name: str, value: str) -> None:
    """Deploy the stage with this one of both settings, of which Lambda takes one at a time."""
    others = {
        setting: text
        for setting, text in rehearsal.stage.settings.items()
        if setting not in {SNAP_START, PROVISIONED}
    }
    rehearsal.stage = dataclasses.replace(rehearsal.stage, settings={**others, name: value})
    if not deploy_folder(rehearsal.stage, package_alone(rehearsal.stage)):
        raise Failed("CloudFormation says that nothing changed")


def _processes(rehearsal: Rehearsal, version: str) -> int | None:
    """How many processes of a version have logged something, once there are several: each has a log stream, whose name
    tells the version, `2026/11/29/[3]0a1b…`."""
    streams = rehearsal.client("logs").describe_log_streams(
        logGroupName=log_group_name(rehearsal.names, "api_handler"), orderBy="LastEventTime", descending=True
    )["logStreams"]
    count = sum(f"[{version}]" in stream["logStreamName"] for stream in streams)
    return count if count >= PROCESSES else None
