"""`python -m tools.deploy_example [STAGE]`: the example consumer beside a stage, by default that of `make run`.

It does what `aws cloudformation package` and `deploy` do, for people without the AWS CLI:
`examples/consumer/README.md`.
"""

from __future__ import annotations

import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from infra.stage import ROOT
from tools import cloudformation, operate
from tools.console import main_of, say, step
from tools.deploying import deployments_bucket

if TYPE_CHECKING:
    from infra.stage import Stage

EXAMPLE = ROOT / "examples" / "consumer"


def stack_of(stage: Stage) -> str:
    return f"contacts-{stage.name}"


def deploy_example(stage: Stage) -> dict[str, str]:
    """Deploy it, and return the stack's outputs. Repeating it gives the same result."""
    with tempfile.TemporaryDirectory() as folder:
        code = Path(folder) / "function.zip"
        with zipfile.ZipFile(code, "w") as packed:
            for source in sorted((EXAMPLE / "function").glob("*.py")):
                packed.write(source, source.name)
        cloudformation.deploy(
            stack_of(stage),
            yaml.safe_load((EXAMPLE / "template.yaml").read_text("utf-8")),
            parameters={"Stage": stage.name},
            code=code,
            bucket=deployments_bucket(),
        )
    return cloudformation.outputs(stack_of(stage))


def main() -> None:
    stage = operate.chosen(sys.argv[1] if len(sys.argv) > 1 else "local")
    with step(f"deploying examples/consumer beside the stage {stage.name}"):
        outputs = deploy_example(stage)
    for name, value in outputs.items():
        say(f"  {name:<12} {value}")


if __name__ == "__main__":
    main_of(main)
