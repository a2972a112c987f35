"""`rollcall cost USERS=1000000 SIGNINS=30 …`: prints the bill of a month, and draws `build/cost.svg`."""

from __future__ import annotations

import sys
from dataclasses import fields, replace
from pathlib import Path

from infra.prices import PRICES, READ
from tools.cost import plot, times
from tools.cost.bill import Line, bill, charged
from tools.cost.load import Load, load_of
from tools.cost.rivals import AUTH0, RIVALS

ROOT = Path(__file__).parents[2]
SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)


def main(arguments: list[str]) -> int:
    """Print the bill; 2 for a parameter that there is not."""
    try:
        load = load_of(arguments)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"\n  a month of {', '.join(f'{field.name} {getattr(load, field.name):g}' for field in fields(load))}\n")
    lines = sorted(bill(load), key=lambda line: -line.charged)
    lines.append(Line("together", sum(line.by_list for line in lines), sum(line.charged for line in lines)))
    longest = max(line.by_list for line in lines[:-1])
    print(f"  {'':<30}{'by the list':>12}{'after free':>12}")
    for line in lines:
        drawn = plot.bar(line.charged / longest) if line is not lines[-1] else ""
        print(f"  {line.service:<30}{line.by_list:>12,.2f}{line.charged:>12,.2f}  {drawn}")
    print("\n  dollars a month, after what is always free, by monthly users:\n")
    print(f"  {'':<22}" + "".join(f"{size:>14,}" for size in SIZES))
    series = compared(load)
    for name, values in series.items():
        print(f"  {name:<22}" + "".join(f"{value:>14,.2f}" for value in values))
    print(f"\n  {AUTH0}")
    share = charged(load) / RIVALS["Cognito Essentials"].after_free(load.users) if load.users > 10_000 else 0
    if share:
        print(f"\n  That is {share:.1%} of Cognito Essentials.")
    picture = ROOT / "build" / "cost.svg"
    picture.parent.mkdir(exist_ok=True)
    picture.write_text(plot.svg("Dollars a month, by monthly users", SIZES, series), "utf-8")
    print(
        f"\n  prices of us-east-1, looked up {READ}; CPU measured {times.MEASURED}; drawn: {picture.relative_to(ROOT)}"
    )
    print("  sources: " + " ".join(sorted({price.source for price in PRICES.values()})))
    return 0


def compared(load: Load) -> dict[str, list[float]]:
    """Dollars of ours and of the others, for each of SIZES."""
    ours = {"Rollcall": [charged(replace(load, users=size)) for size in SIZES]}
    return ours | {name: [price.after_free(size) for size in SIZES] for name, price in RIVALS.items()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
