"""One pretend account per test (moto, in process), made from the same definitions as the real one."""

from __future__ import annotations

import pytest

from tests.cloudlike import stage
from tests.functional.apps import client_of


@pytest.fixture
def aws():
    """An empty stage: tables, queues, topics, buckets, secrets. See `tests.cloudlike.Cloud`."""
    with stage() as cloud:
        yield cloud


@pytest.fixture
def chalice_client(aws):
    """Chalice's own test client over the whole app: `.http` for routes, `.lambda_` for handlers."""
    from app import app

    with client_of(app) as client:
        yield client
