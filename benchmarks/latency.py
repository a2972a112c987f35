"""`python -m benchmarks latency`: from a change to the webhook that hears of it, on a stage in the local cloud."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Print one line; 0, since nothing can be wrong with it."""
    argparse.ArgumentParser(prog="python -m benchmarks latency", description=__doc__).parse_args(arguments)
    from infra import stage as stages
    from tests.cloud.conftest import free_port
    from tests.cloud.latency import measure
    from tests.cloud.receiver import receiving
    from tests.cloud.stage import DeployedStage

    with (
        tempfile.TemporaryDirectory() as folder,
        DeployedStage.start(stages.load("local"), free_port(), Path(folder)) as deployed,
        receiving() as receiver,
    ):
        print(f"\n  {measure(deployed, receiver)}")
    return 0
