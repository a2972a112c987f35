"""The end of the restore that was begun earlier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.rehearse.restoring import RESTORED, count_items
from tools.rehearse.steps import Failed, step

if TYPE_CHECKING:
    from tools.rehearse.context import Rehearsal
    from tools.rehearse.steps import Evidence


@step(
    needs=("beginning-a-restore",),
    minutes=5,
    look="the table in the console of DynamoDB; docs/deploying.md, Restore",
)
def restored_people(rehearsal: Rehearsal) -> Evidence:
    """The restored table has everybody.

    As many people as the table had at that moment, with the same indexes, and without a stream.
    """
    client = rehearsal.client("dynamodb")

    def active_table() -> dict[str, object] | None:
        table: dict[str, object] = client.describe_table(TableName=rehearsal.names.of(RESTORED))["Table"]
        return table if table["TableStatus"] == "ACTIVE" else None

    table = rehearsal.until(active_table, "the end of the restore", 25)
    people = count_items(rehearsal, RESTORED)
    indexes = sorted(index["IndexName"] for index in table.get("GlobalSecondaryIndexes", []))
    evidence = {"people": people, "before": rehearsal.facts["people"], "indexes": indexes}
    if people != rehearsal.facts["people"]:
        raise Failed("the restored table has others", **evidence)
    if (table.get("StreamSpecification") or {}).get("StreamEnabled"):
        raise Failed("the restored table has a stream, of which docs/deploying.md knows nothing", **evidence)
    return evidence
