"""The PostgreSQL of `make run READ_MODEL=postgres`."""

from __future__ import annotations

import os

import pytest

from chalicelib.core.aws import clients
from chalicelib.core.names import READ_MODEL_SECRET, Names
from chalicelib.read_model.database import Database, options_of
from infra.stage import load
from tools import local_read_model
from tools.console import Problem


@pytest.mark.slow
def test_a_kept_one_comes_back_with_what_was_in_it(server):
    folder = server.folder / "kept"
    with local_read_model.serving(folder) as first:
        first.psql("-d", "rollcall", "-c", "CREATE TABLE kept AS SELECT 1 AS one")
    with local_read_model.serving(folder) as again:
        assert again.secret() == first.secret()
        database = Database(options_of(again.secret()))
        with database.transaction() as transaction:
            assert transaction.value("SELECT one FROM kept") == 1
        database.close()


def test_the_secret_is_stored_anew_where_there_is_one(aws, server):
    stage = load("local")
    for _ in range(2):
        local_read_model.store_secret(stage, server)
    name = Names("local").of(READ_MODEL_SECRET)
    found = clients.client("secretsmanager").get_secret_value(SecretId=name)
    assert found["SecretString"] == server.secret()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user run it")
def test_a_folder_that_the_other_user_cannot_reach_is_refused_beforehand(server, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(Problem, match="cannot reach"):
        local_read_model.require(closed / "run" / "postgresql")
    local_read_model.require(server.folder.parent / "run" / "postgresql")
