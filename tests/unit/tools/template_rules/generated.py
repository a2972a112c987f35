"""What CloudFormation gets of every stage, without a deployment: `generate.py` makes it, once for a test run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from typing import Any

from chalicelib.core.names import STAGE_LENGTH
from infra.options import EXAMPLES
from infra.stage import ALL_ON, ROOT, load
from tests.environment import ENVIRONMENT

LONG = "s" * STAGE_LENGTH
PUBLIC = {"PUBLIC_URL": "https://rollcall.example", "MAIL_DOMAIN": "rollcall.example"}

STAGES: dict[str, dict[str, Any]] = {
    **{
        name: {"name": name, "settings": load(name).settings, "emulated": name == "local"}
        for name in ("local", "dev")
    },
    "prod": {"name": "prod", "settings": {"ALLOWED_ORIGINS": "https://app.example"}},
    "long": {"name": LONG, "settings": {**PUBLIC, **ALL_ON, "ALARMS": "all", **EXAMPLES}},
    "snapshot": {"name": "prod", "settings": {**PUBLIC, "SNAP_START": "on"}},
    "snapshot, changed": {"name": "prod", "settings": {**PUBLIC, "SNAP_START": "on", "HISTORY_DAYS": "30"}},
    "ready": {"name": "prod", "settings": {**PUBLIC, "PROVISIONED_CONCURRENCY": "3"}},
}
"""Those that come with the project, one with the longest name and all that may be off, and those whose API starts
otherwise."""


@cache
def templates() -> dict[str, dict[str, Any]]:
    """The translated template of each stage."""
    program = [sys.executable, "-m", "tests.unit.tools.template_rules.generate", json.dumps(STAGES)]
    # The environment of tests is a stage's own, and would come before what the program sets.
    bare = {name: value for name, value in os.environ.items() if name not in ENVIRONMENT}
    done = subprocess.run(program, cwd=ROOT, env=bare, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    made: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return made
