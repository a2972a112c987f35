"""`rollcall admin`: the stage's first administrator, through an IAM-authorised invocation."""

from __future__ import annotations

import sys

from tools.console import Problem, main_of, say
from tools.operate import chosen, make_administrator, needs_second_factor

SECOND_FACTOR = {
    True: "needed: sign in at /account, set one up, and sign in again. The role works from then on",
    False: "advised: set one up at /account. Exports and making administrators want it",
}
"""The text for the new administrator, by whether `ADMIN_SECOND_FACTOR` requires a second factor."""


def main() -> None:
    stage, email = chosen(sys.argv[1]), sys.argv[2]
    if not email:
        raise Problem(f"whom? rollcall admin you@example.com --stage {stage.name}")
    administrator = make_administrator(stage, email)
    say(f"  administrator  {administrator['email']}")
    say(f"  password       {administrator['password']}   (shown this once: sign in and change it)")
    say(f"  second factor  {SECOND_FACTOR[needs_second_factor(stage)]}")


if __name__ == "__main__":
    main_of(main)
