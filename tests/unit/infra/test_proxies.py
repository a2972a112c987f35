"""A stage behind proxies says how they are told from whoever calls past them."""

from __future__ import annotations

import pytest

from infra.stage import Stage, StageError

HASH = "a" * 64


def test_a_stage_that_trusts_proxies_and_knows_none_is_not_packaged():
    with pytest.raises(StageError, match="neither PROXY_SECRET_HASHES nor PROXY_NETWORKS"):
        Stage("dev", {"TRUSTED_PROXIES": "1"})


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"TRUSTED_PROXIES": "0"},
        {"TRUSTED_PROXIES": "1", "PROXY_SECRET_HASHES": HASH},
        {"TRUSTED_PROXIES": "2", "PROXY_NETWORKS": "198.51.100.0/24"},
    ],
)
def test_one_that_knows_them_is(settings):
    assert Stage("dev", settings).settings == settings
