"""Fixtures of every level. The environment is set first: `app.py` reads names from it while it is imported."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest
from hypothesis import settings

from tests.environment import ENVIRONMENT

CHEAP_HASHES = {"ARGON2_MEMORY_KIB": "8", "ARGON2_PASSES": "1"}
"""A millisecond each; `dear_hashes` is for tests that are about their cost."""

NO_FLOOR = {"FAILED_SIGN_IN_MILLISECONDS": "0"}
"""A failed sign-in waits for nothing, but in the tests of just that."""

os.environ.update(ENVIRONMENT | CHEAP_HASHES | NO_FLOOR)
for inherited in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
    os.environ.pop(inherited, None)

import tests.temper  # noqa: E402, F401 - before any client is made
from chalicelib.core import clients, clock  # noqa: E402 - after the environment

settings.register_profile("rollcall", deadline=None, max_examples=25)
settings.load_profile("rollcall")
"""A busy machine may be slow with one example, which says nothing of the rule."""

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def held_clock():
    """The clock, held at noon of 1 March 2026; `clock.tick(seconds=5)` moves it."""
    with clock.held(NOW):
        yield clock


@pytest.fixture
def dear_hashes(monkeypatch):
    """Passwords are hashed as in every real stage."""
    for variable in CHEAP_HASHES:
        monkeypatch.delenv(variable)
    clients.forget()
    yield
    monkeypatch.undo()
    clients.forget()
