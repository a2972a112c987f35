"""A restore to a point in time, begun early because it takes long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.rehearse.steps import step

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tools.rehearse.context import Rehearsal, Sizes
    from tools.rehearse.steps import Evidence

RESTORED = "restored-users"


def count_items(rehearsal: Rehearsal, table: str) -> int:
    """The number of a table's rows. All rows are read, because DynamoDB's own count is hours old."""
    paginator = rehearsal.client("dynamodb").get_paginator("scan")
    result_pages = paginator.paginate(TableName=rehearsal.names.of(table), Select="COUNT")
    return sum(result_page["Count"] for result_page in result_pages)


def _restore(sizes: Sizes) -> Mapping[str, float]:
    gigabytes = 1e-6 * sizes.import_rows
    return {"restored GB": gigabytes, "read units": 0.2 * sizes.import_rows}


@step(needs=("queues-are-worked-off",), minutes=1, uses=_restore, look="the backups of the table users")
def beginning_a_restore(rehearsal: Rehearsal) -> Evidence:
    """A restore of the table of people begins.

    To a table beside it, of the moment at which the consumers had caught up with the import: DynamoDB can restore
    what is older than five minutes.
    """
    source, client = rehearsal.names.of("users"), rehearsal.client("dynamodb")
    moment = rehearsal.facts["moment"]

    def look() -> datetime | None:
        described = client.describe_continuous_backups(TableName=source)["ContinuousBackupsDescription"]
        point = described["PointInTimeRecoveryDescription"]
        latest = point.get("LatestRestorableDateTime")
        if rehearsal.local and point["PointInTimeRecoveryStatus"] == "DISABLED":
            # The local cloud's stacks do not turn it on.
            turned_on = {"PointInTimeRecoveryEnabled": True}
            client.update_continuous_backups(TableName=source, PointInTimeRecoverySpecification=turned_on)
        return latest if latest and (latest >= moment or rehearsal.local) else None

    rehearsal.until(look, "a restorable state of the table", 9)
    client.restore_table_to_point_in_time(
        SourceTableName=source, TargetTableName=rehearsal.names.of(RESTORED), RestoreDateTime=moment
    )
    return {"moment": moment.isoformat(), "people": rehearsal.facts["people"]}
