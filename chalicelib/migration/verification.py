"""Ask the old system: one request, within the time that the setting gives it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from chalicelib.core import clock, logs
from chalicelib.core.aws import clients
from chalicelib.core.aws.absence import reading
from chalicelib.core.aws.secret_cache import Reread
from chalicelib.core.errors import Gone
from chalicelib.core.old_system import SECRET
from chalicelib.core.outbound import safe_http
from chalicelib.core.outbound.targets import Unreachable
from chalicelib.core.settings import settings
from chalicelib.migration.circuit import circuit
from chalicelib.migration.verdicts import NoVerdict, OldSystemDown, Question, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.core.old_system import OldSystem
    from chalicelib.core.outbound.safe_http import Answer

ANSWER_BYTES = 64 * 1024


class Kind(Protocol):
    """How old systems of a kind are asked: a module of this package."""

    def request(self, system: OldSystem, secret: str, question: Question) -> tuple[Mapping[str, str], bytes]:
        """The headers and the body of the POST that asks. Raises NoVerdict where the secret is of no use."""

    def verdict(self, answer: Answer) -> Verdict:
        """What the answer says. Raises NoVerdict."""


def ask(system: OldSystem, question: Question) -> Verdict | None:
    """The old system's verdict, or None where it gives none: each such failure is logged and counted for operators.

    One request without a second attempt, to the public Internet alone, without redirects, and of an answer of
    ANSWER_BYTES at most. After a few failures to answer in a row nobody is asked for a while (`circuit`).
    """
    if circuit().is_open:
        logs.warning("the old system is not asked for now")
        return None
    started = clock.running()
    try:
        verdict = _verdict(system, question, started)
    except NoVerdict as failure:
        if failure.is_down:
            circuit().failed()
        logs.warning("the old system gave no verdict", reason=failure.detail, is_down=failure.is_down)
        logs.count("MigrationFailures")
        return None
    circuit().answered()
    logs.info("the old system was asked", milliseconds=round(1000 * (clock.running() - started)))
    return verdict


def _verdict(system: OldSystem, question: Question, started: float) -> Verdict:
    kind = cast("Kind", import_module(f"chalicelib.migration.{system.kind.replace('-', '_')}"))
    headers, body = kind.request(system, _secret() if system.secret else "", question)
    usual = {"Accept": "application/json", "User-Agent": "rollcall"}
    seconds = max(0.0, system.seconds - (clock.running() - started))
    try:
        answer = safe_http.fetch(
            "POST",
            system.url,
            {**usual, **headers},
            body,
            limit=ANSWER_BYTES,
            local=settings().outbound_allow_http,
            seconds=seconds,
        )
    except Unreachable as error:
        raise OldSystemDown(error.detail) from error
    if answer.status >= 500:
        raise OldSystemDown(f"status {answer.status}")
    return kind.verdict(answer)


def _secret() -> str:
    """The secret by which we prove ourselves there, as of five minutes ago at most. Raises OldSystemDown where it is
    missing: without it nobody can be asked."""
    try:
        with reading(f"the secret {SECRET} of this stage"):
            return _secret_cache().fresh()
    except Gone as gone:
        raise OldSystemDown(gone.detail) from gone


@clients.once
def _secret_cache() -> Reread[str]:
    def read() -> str:
        secret = clients.client("secretsmanager").get_secret_value(SecretId=settings().names.of(SECRET))
        return str(secret["SecretString"])

    return Reread(read, str.strip)
