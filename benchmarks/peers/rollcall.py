"""Rollcall itself, in two forms: one process over the null AWS, and `chalice local` over the local cloud."""

from __future__ import annotations

import dataclasses
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchmarks import null_aws
from benchmarks.peers.load import Call
from benchmarks.peers.peer import HASHING, PASSWORD, Peer, Person, Server, Unable, running
from infra.render import rendered
from infra.stage import ROOT
from tests.environment import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.null_aws import NullAws
    from benchmarks.peers.load import Reply
    from infra.stage import Stage

NEW = 1_000_000
NEWCOMERS = 32
"""Addresses that register again and again at the null AWS, which keeps nobody: each is looked up for the first time
only once, so that its answer is no work."""


class OverHttp(Peer):
    """How Rollcall is asked, whatever serves it. Registration is that of `EMAIL_VERIFICATION=optional`, which writes
    the person at once, as peers do."""

    def register(self, person: Person) -> Call:
        fields = {"email": person.email, "password": PASSWORD, "name": "Ada"}
        return Call("POST", "/users", 201, lambda body: body["email"] == person.email, fields)

    def sign_in(self, person: Person) -> Call:
        fields = {"email": person.email, "password": PASSWORD}
        return Call("POST", "/sessions", 201, lambda body: body["access_token"].count(".") == 2, fields)

    def me(self, person: Person, signed_in: Reply) -> Call:
        headers = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
        return Call("GET", "/me", 200, lambda body: body["email"] == person.email, headers=headers)


class OnNullAws(OverHttp):
    """One process that does a request at a time, as an execution environment of Lambda does."""

    name = "Rollcall"
    _aws: NullAws | None = None
    _canned = False

    @contextmanager
    def serving(self, port: int, folder: Path) -> Iterator[Server]:
        from tests.cloud.strangers import UNLIMITED

        with null_aws.started() as aws:
            self._aws = aws
            environment = {
                **ENVIRONMENT,
                **UNLIMITED,
                **HASHING,
                "EMAIL_VERIFICATION": "optional",
                "AWS_ENDPOINT_URL": aws.url,
                "PYTHONPATH": str(ROOT),
            }
            command = (sys.executable, "-m", "benchmarks.peers.rollcall_server", str(port))
            yield from running(command, port, folder, environment)

    def filled(self) -> None:
        assert self._aws is not None
        self._aws.canned()
        self._canned = True

    def register(self, person: Person) -> Call:
        return super().register(Person(NEW + person.number % NEWCOMERS) if self._canned else person)


class ChaliceLocal(OverHttp):
    """`chalice local`, as `make run` serves the API, over the local cloud with IAM enforced. Every limit is raised."""

    name = "Rollcall, chalice local"

    @contextmanager
    def serving(self, port: int, folder: Path) -> Iterator[Server]:
        from infra import stage as stages
        from tests.cloud.conftest import free_port
        from tests.cloud.stage import DeployedStage
        from tests.cloud.strangers import unlimited
        from tools.console import Problem
        from tools.localapi import LocalApi

        stage = unlimited(stages.load("local"))
        stage = dataclasses.replace(stage, settings={**stage.settings, "EMAIL_VERIFICATION": "optional"})
        try:
            with (
                _as_rendered(stage),
                DeployedStage.start(stage, free_port(), folder) as deployed,
            ):
                api = LocalApi(stage, deployed.running, port, folder)
                try:
                    api.start()
                    yield Server(port, api.group)
                finally:
                    api.stop()
        except Problem as problem:
            raise Unable(str(problem)) from problem


@contextmanager
def _as_rendered(stage: Stage) -> Iterator[None]:
    """Leave the stage's configuration for `chalice local` as it was before."""
    path = rendered(stage) / "chalice.json"
    before = path.read_bytes() if path.exists() else None
    try:
        yield
    finally:
        if before is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(before)
