"""The packaged template, deployed into the local cloud with IAM enforced: once for all tests of this level.

The tests act as its users do: through the deployed API, the uploads bucket and the queues. Each function runs as its
own role. Root's access key serves only to deploy, and to look.
"""

from __future__ import annotations

import dataclasses
import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


import pytest

from tests.cloud.receiver import receiving
from tests.cloud.stage import DeployedStage
from tools import postgresql

SHORT_FLOOR = {
    "FAILED_SIGN_IN_MILLISECONDS": "1000",
    "SIGN_INS_AT_ONCE": "1000",
    "SIGN_INS_AT_ONCE_IN_ALL": "1000",
}
"""Enough for every hash that these tests know; failed sign-ins are many here, and each is waited for."""


def pytest_collection_modifyitems(items: Any) -> None:
    """What looks back over the whole level runs last."""
    items.sort(key=lambda item: item.path.name == "test_least_privilege.py")


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: Any) -> Iterator[Any]:
    """The running stage, see `tests.cloud.stage.DeployedStage`."""
    from infra import stage as stages

    local = stages.load("local")
    settings = {**local.settings, **SHORT_FLOOR, "LOG_AWS_CALLS": "on", "KINESIS_ITEMS": "on"}
    settings["READ_MODEL"] = "off" if postgresql.missing() else "postgres"
    stage = dataclasses.replace(local, settings=settings)
    with DeployedStage.start(stage, free_port(), tmp_path_factory.mktemp("cloud")) as running:
        yield running


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def receiver() -> Iterator[Any]:
    """A receiver of webhooks on loopback, see `tests.cloud.receiver.Receiver`."""
    with receiving() as made:
        yield made
