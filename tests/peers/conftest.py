"""Fixtures of the tests about the peers themselves."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


import pytest

from tests.cloudlike import NAMES, stage
from tests.peers import second_dynamodb


@pytest.fixture
def dynalite() -> Any:
    """A client that speaks to dynalite itself, over a stage's empty tables."""
    endpoint = os.environ.get(second_dynamodb.ENDPOINT)
    if not endpoint:
        pytest.skip("only with --dynamodb=dynalite")
    client = second_dynamodb.client(endpoint)
    second_dynamodb.empty(client, NAMES)
    return client


@pytest.fixture
def aws() -> Iterator[Any]:
    """An empty stage, whose DynamoDB is the one that these tests run over."""
    with stage() as cloud:
        yield cloud
