"""`make lock`: compiles every `*.in` into a list of exact versions with hashes.

The lists are universal: their markers say which packages only some versions of Python or some systems need.
"""

from __future__ import annotations

import subprocess

from infra.stage import ROOT
from tools.console import main_of, step

LISTS = {
    "requirements.in": "requirements.txt",
    "requirements/dev.in": "requirements/dev.txt",
    "requirements/cloud.in": "requirements/cloud.txt",
    "requirements/cli.in": "requirements/cli.txt",
    "requirements/check.in": "requirements/check.txt",
    "requirements/generators.in": "requirements/generators.txt",
    "examples/sign_in/fastapi/requirements.in": "examples/sign_in/fastapi/requirements.txt",
    "examples/sign_in/mcp/requirements.in": "examples/sign_in/mcp/requirements.txt",
    "tests/peers/exporters/django/requirements.in": "tests/peers/exporters/django/requirements.txt",
    "benchmarks/peers/apps/fastapi_users/requirements.in": "benchmarks/peers/apps/fastapi_users/requirements.txt",
    "benchmarks/peers/apps/dj_rest_auth/requirements.in": "benchmarks/peers/apps/dj_rest_auth/requirements.txt",
}


def main() -> None:
    for source, target in LISTS.items():
        with step(f"pinning {target}"):
            options = ["--upgrade", "--generate-hashes", "--no-header", "--universal", "--python-version", "3.11"]
            hidden = ["--no-emit-index-url", "--no-emit-find-links"]
            subprocess.run(
                [
                    str(ROOT / ".venv-check" / "bin" / "uv"),
                    "pip",
                    "compile",
                    "--quiet",
                    *options,
                    *hidden,
                    source,
                    "-o",
                    target,
                ],
                cwd=ROOT,
                check=True,
            )


if __name__ == "__main__":
    main_of(main)
