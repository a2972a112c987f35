"""`rollcall reapply-erasures`: after a restore, erases people again who were erased since the backup."""

from __future__ import annotations

import sys

from tools.console import main_of, say
from tools.operate import chosen, reapply_erasures


def main() -> None:
    erasures, returned = reapply_erasures(chosen(sys.argv[1]), sys.argv[2])
    say(f"  {erasures} erasures run again; {returned} people were back, and are gone")


if __name__ == "__main__":
    main_of(main)
