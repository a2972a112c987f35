"""`make test`: every level of tests, quickest first.

The quick ones share both cores. Those that have a local cloud mostly wait for it, so three of them run side by side, in
processes of their own: a process points its environment at one cloud. What the others print is shown when all are done.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import ExitStack
from typing import IO

from infra.stage import ROOT

QUICK = ["-n", "2", "--dist", "worksteal", "tests/unit", "tests/functional", "tests/simulation"]
PEERS = [
    *("-n", "2", "--dist", "worksteal", "-m", "not slow or peers", "--dynamodb=dynalite", "-rs", "tests/peers"),
    *(
        f"tests/functional/test_{module}.py"
        for module in (
            "accounts_administration",
            "accounts_email_change",
            "accounts_intents",
            "accounts_invitations",
            "accounts_me",
            "accounts_password_resets",
            "accounts_registration",
            "connections_routes",
            "core_idempotency",
            "directory",
            "events_feed",
            "events_history",
            "events_sweep",
            "factors_removal",
            "identities_linking",
            "identities_sign_in",
            "imports",
            "imports_identities",
            "insights_counting",
            "items_ingest",
            "items_routes",
            "items_store",
            "job_runner",
            "key_limits",
            "mail_feedback",
            "oauth_clients",
            "oauth_consents",
            "oauth_device",
            "oauth_persons_sessions",
            "oauth_registration",
            "oauth_tokens",
            "sessions_refresh",
            "sessions_sign_out",
            "strangest_texts",
            "webhooks_delivery",
            "webhooks_routes",
        )
    ),
]
"""Every store once more, over another DynamoDB than moto's: the modules in which each is written, read and looked
through in every way. Skipped, and it says so, where there is no Node.js or npm."""
OWN_CLOUDS = [
    "tests/cloud/test_chalice_deploy.py",
    "tests/cloud/test_enumeration.py",
    "tests/cloud/test_rehearsal.py",
]
"""Modules of the cloud level that look at a cloud of their own; the others share one, and the last of them looks back
over it."""
SHARED_CLOUD = ["tests/cloud", *(f"--ignore={module}" for module in OWN_CLOUDS)]
BROWSER = ["tests/browser"]


def main() -> None:
    for level in (QUICK, PEERS):
        if code := started(level).wait():
            raise SystemExit(code)
    with ExitStack() as files:
        outputs = [files.enter_context(tempfile.TemporaryFile("w+")) for _ in (OWN_CLOUDS, BROWSER)]
        shown = started(SHARED_CLOUD)
        beside = [started(level, output) for level, output in zip((OWN_CLOUDS, BROWSER), outputs, strict=True)]
        codes = [process.wait() for process in (shown, *beside)]
        for output in outputs:
            output.seek(0)
            print(output.read(), flush=True)
    raise SystemExit(any(codes))


def started(options: list[str], output: IO[str] | None = None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", *options],
        cwd=ROOT,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
    )


if __name__ == "__main__":
    main()
