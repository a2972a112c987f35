"""`make admin STAGE=… EMAIL=…`: the stage's first administrator, through an IAM-authorised invocation."""

from __future__ import annotations

import sys

from tools.console import Problem, main_of, say
from tools.operate import chosen, make_administrator


def main() -> None:
    stage, email = chosen(sys.argv[1]), sys.argv[2]
    if not email:
        raise Problem(f"whom? make admin STAGE={stage.name} EMAIL=you@example.com")
    made = make_administrator(stage, email)
    say(f"  administrator  {made['email']}")
    say(f"  password       {made['password']}   (shown this once: sign in and change it)")


if __name__ == "__main__":
    main_of(main)
