"""One pretend account per test (moto, in process), made from the same definitions as the real one."""

from __future__ import annotations

import pytest
from chalice.test import Client
from moto import mock_aws

from chalicelib.core import clients
from tests.cloudlike import Cloud, KeptSession, build


@pytest.fixture
def aws():
    """An empty stage: tables, queues, topics, buckets, secrets. See `tests.cloudlike.Cloud`."""
    with mock_aws():
        clients.forget()
        cloud: Cloud = build(KeptSession())
        yield cloud
    clients.forget()


@pytest.fixture
def chalice_client(aws):
    """Chalice's own test client over the whole app: `.http` for routes, `.lambda_` for handlers."""
    from app import app

    with Client(app) as client:
        yield client
