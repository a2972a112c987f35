"""The pages in a real browser, over a deployed stage with IAM enforced, behind the strict edge (`tests.cloud.edge`).

Debian's Chromium is driven by Playwright. Whatever a test is about, its pages must ask nobody else for anything, keep
to their Content-Security-Policy, and write no error.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


import pytest

from tests.browser.visitor import Site, Visitor
from tests.cloud.conftest import SHORT_FLOOR, free_port
from tests.cloud.stage import DeployedStage
from tests.conftest import CHEAP_HASHES, NO_FLOOR
from tests.environment import ENVIRONMENT

CHROMIUM = "CHROMIUM"
PATIENCE_MILLISECONDS = 120_000
MANY_VISITORS = {"REGISTRATIONS_PER_HOUR": "1000"}
"""Everybody here comes from one IP address, and most tests register somebody."""


def pytest_sessionstart() -> None:
    """A missing browser is an error before anything is started, and never a reason to skip."""
    if not chromium():
        pytest.exit(
            f"the browser tests need Chromium: `apt-get install chromium`, or {CHROMIUM}=/path/to/it", returncode=1
        )


def chromium() -> str | None:
    return shutil.which(os.environ.get(CHROMIUM) or "chromium")


@pytest.fixture(scope="session")
def site(tmp_path_factory: Any) -> Iterator[Any]:
    """The running stage with its API on the port that its links name, see `tests.browser.visitor.Site`."""
    from infra import stage as stages

    for pretended in (*ENVIRONMENT, *CHEAP_HASHES, *NO_FLOOR):
        os.environ.pop(pretended, None)
    local, port, folder = stages.load("local"), free_port(), tmp_path_factory.mktemp("cloud")
    url = f"http://localhost:{port}"
    stage = dataclasses.replace(
        local, settings={**local.settings, **SHORT_FLOOR, **MANY_VISITORS, "PUBLIC_URL": url}
    )
    with DeployedStage.start(stage, free_port(), folder, edge_port=port) as deployed:
        yield Site(deployed, url)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium())
        yield running
        running.close()


@pytest.fixture
def arrive(site: Any, browser: Any) -> Iterator[Any]:
    """Makes visitors, each with a browser profile of their own; what their pages did wrong is told at the end."""
    visitors: list[Visitor] = []

    def arrive(**options: Any) -> Visitor:
        context = browser.new_context(**options)
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        visitors.append(Visitor(site, context))
        return visitors[-1]

    yield arrive
    for visitor in visitors:
        visitor.context.close()
    assert [wrong for visitor in visitors for wrong in visitor.wrongs] == []


@pytest.fixture
def visitor(arrive: Any) -> Any:
    return arrive()
