"""The text that `make run` prints at the end: where everything is, and what to try first (`docs/tour.md` has more)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMANDS = {
    "./rollcall people find isla": "look for somebody, also as you type in the console",
    "./rollcall events tail": "every change as it happens",
    "./rollcall webhooks listen": "receive webhooks here, verified",
    "./rollcall import examples/user-info.json --upsert": "a trial first; sending it again changes nothing",
    "./rollcall status": "what waits, what failed, and how old it is",
}


def tour(addresses: Mapping[str, str], *, administrator: str, password: str, seconds: float) -> str:
    """The text of the last screen: `addresses` by what is there. An empty `password` means that it was printed at an
    earlier start."""
    rows = [f"  {name:<10}{url}" for name, url in addresses.items()]
    credentials = (
        f"{administrator}, {password}" if password else f"{administrator}, its password as printed before"
    )
    rows.insert(1, f"  {'':<10}sign in as {credentials}")
    width = max(map(len, COMMANDS)) + 2
    commands = [f"  {command:<{width}}{purpose}" for command, purpose in COMMANDS.items()]
    return "\n".join(
        [
            f"\nReady in {seconds:.0f} s.\n",
            *rows,
            "\nIn another terminal (all of it: docs/tour.md):\n",
            *commands,
            "\nCtrl-C here stops all of it.\n",
        ]
    )
