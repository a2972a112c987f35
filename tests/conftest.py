"""Fixtures of every level. The environment is set first: `app.py` reads names from it while it is imported."""

from __future__ import annotations

import gc
import logging
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

import pytest
from hypothesis import settings as examples

from tests.environment import ENVIRONMENT

CHEAP_HASHES = {"ARGON2_MEMORY_KIB": "8", "ARGON2_PASSES": "1"}
"""A millisecond each; `dear_hashes` is for tests that are about their cost."""

NO_FLOOR = {"FAILED_SIGN_IN_MILLISECONDS": "0"}
"""A failed sign-in waits for nothing, but in the tests of just that."""

os.environ.update(ENVIRONMENT | CHEAP_HASHES | NO_FLOOR)
for inherited in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
    os.environ.pop(inherited, None)

import tests.in_process  # noqa: E402 - before any client is made
import tests.temper  # noqa: E402, F401 - likewise
from chalicelib.core import clock, logs  # noqa: E402 - after the environment
from chalicelib.core.names import APP, Names  # noqa: E402
from chalicelib.core.settings import Settings, settings  # noqa: E402
from tests.peers import second_dynamodb  # noqa: E402


def _to_logging(level: str, caller: FrameType, members: dict[str, Any]) -> None:
    """Give a log line to `logging`, where `caplog` finds it: its fields are attributes of the record."""
    logger = logging.getLogger("lines")
    place = caller.f_code.co_filename, caller.f_lineno
    fields = {name: value for name, value in members.items() if name not in {"message", "service"}}
    levels = logging.getLevelNamesMapping()
    logger.handle(
        logger.makeRecord(logger.name, levels[level], *place, members["message"], (), None, extra=fields)
    )


logs.listeners.append(_to_logging)
logging.getLogger(APP).propagate = True  # what Chalice logs, likewise

examples.register_profile("rollcall", deadline=None, max_examples=25)
examples.load_profile("rollcall")
"""A busy machine may be slow with one example, which says nothing of the rule."""

gc.set_threshold(100_000, 50, 100)
"""Looking through all that moto and botocore hold, at Python's own thresholds, is an eighth of what tests cost."""

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def pytest_addoption(parser: Any) -> None:
    parser.addoption("--dynamodb", choices=("moto", "dynalite"), default="moto", help="which one tests run over")


def pytest_configure(config: Any) -> None:
    os.environ.pop(second_dynamodb.ENDPOINT, None)
    if config.getoption("dynamodb") == "dynalite" and not second_dynamodb.missing() and _runs_tests(config):
        os.environ[second_dynamodb.ENDPOINT] = second_dynamodb.start(Names("test"))


def pytest_collection_finish() -> None:
    gc.freeze()  # what is loaded by now stays: no later look for garbage has to go through it


def _runs_tests(config: Any) -> bool:
    """Whether this process does so itself: one that has others run them does not."""
    return hasattr(config, "workerinput") or not getattr(config.option, "numprocesses", None)


def pytest_collection_modifyitems(config: Any, items: Any) -> None:
    if config.getoption("dynamodb") == "dynalite" and (why := second_dynamodb.missing()):
        for item in items:
            item.add_marker(pytest.mark.skip(reason=f"there is no second DynamoDB: {why}"))


@pytest.fixture
def held_clock() -> Iterator[Any]:
    """The clock, held at noon of 1 March 2026; `clock.tick(seconds=5)` moves it."""
    with clock.held(NOW):
        yield clock


@pytest.fixture
def dear_hashes() -> Iterator[Any]:
    """Passwords are hashed as in every real stage."""
    real = Settings.argon2_memory_kib, Settings.argon2_passes
    with settings.held(argon2_memory_kib=real[0], argon2_passes=real[1]):
        yield


@pytest.fixture
def local_receivers() -> Iterator[Any]:
    """Receivers of webhooks on this machine are allowed."""
    with settings.held(outbound_allow_http=True):
        yield
