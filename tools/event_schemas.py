"""Writes the JSON Schema of every type of event to `docs/events/`: run it after a change of `events/catalog.py`."""

from __future__ import annotations

import json
from pathlib import Path

from chalicelib.event_bus.envelope import SCHEMA_VERSION
from chalicelib.events.catalog import CATALOG, schema

FOLDER = Path(__file__).parent.parent / "docs" / "events"


def documents() -> dict[str, str]:
    """The text of every schema file, by its name."""
    return {
        f"{kind}.v{SCHEMA_VERSION}.json": json.dumps(schema(kind, str(SCHEMA_VERSION)), indent=2) + "\n"
        for kind in CATALOG
    }


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    schema_files = documents()
    for name, text in schema_files.items():
        (FOLDER / name).write_text(text)
    print(f"{len(schema_files)} schemas in {FOLDER.name}/")


if __name__ == "__main__":
    main()
