"""`make reapply-erasures STAGE=… SINCE=…`: after a restore, erase again who was erased since the backup."""

from __future__ import annotations

import sys

from infra import stage as stages
from tools.console import main_of, say
from tools.operate import reapply_erasures


def main() -> None:
    erasures, returned = reapply_erasures(stages.load(sys.argv[1]), sys.argv[2])
    say(f"  {erasures} erasures run again; {returned} people were back, and are gone")


if __name__ == "__main__":
    main_of(main)
