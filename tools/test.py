"""`make test`: every level of tests, quickest first.

The quick ones share both cores. Those that have a local cloud often wait for it, so three of them run side by side, in
processes of their own: a process points its environment at one cloud. What the others print is shown when all are done.
"""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from infra.stage import ROOT

QUICK = [
    "-n",
    "2",
    "--dist",
    "worksteal",
    "-rs",
    "tests/unit",
    "tests/functional",
    "tests/simulation",
    "tests/postgresql",
]
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
CONSOLE = "tests/browser/test_console*.py"
BROWSER_CONSOLE = sorted(str(module.relative_to(ROOT)) for module in ROOT.glob(CONSOLE))
BROWSER = ["tests/browser", f"--ignore-glob={ROOT / CONSOLE}"]
"""The console's pages take as long as all others, so they are a level of their own."""
CLOUDS = [SHARED_CLOUD, BROWSER_CONSOLE, BROWSER, *([module] for module in OWN_CLOUDS)]
"""Those with a local cloud, in the order in which they begin: each that ends makes room for one of the quickest."""
CLOUDS_AT_ONCE = 3


def main() -> None:
    for level in (QUICK, PEERS):
        if code := pytest(level).returncode:
            raise SystemExit(code)
    with ThreadPoolExecutor(CLOUDS_AT_ONCE) as running:
        ended = list(running.map(lambda level: pytest(level, aside=level is not SHARED_CLOUD), CLOUDS))
    print(*(each.stdout for each in ended if each.stdout), sep="\n", flush=True)
    raise SystemExit(any(each.returncode for each in ended))


def pytest(options: list[str], *, aside: bool = False) -> subprocess.CompletedProcess[str]:
    """Run one level to its end. `aside` keeps what it prints, for whoever shows it then."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        check=False,
        cwd=ROOT,
        stdout=subprocess.PIPE if aside else None,
        stderr=subprocess.STDOUT if aside else None,
        text=True,
    )


if __name__ == "__main__":
    main()
