"""The formats of an export, its segments, and the keys of its files in the work bucket."""

from __future__ import annotations

from typing import Literal

ExportFormat = Literal["ndjson", "csv"]

SEGMENTS = 16
"""Each is one invocation of up to 15 minutes, four at once (`infra.state_machines.SEGMENTS_AT_ONCE`). A third of a core
writes some 1,000 people a second, so there is room for 14 million."""


def segment_key(job_id: str, segment: int) -> str:
    return f"exports/{job_id}/segment-{segment}"


def export_key(job_id: str, file_format: str) -> str:
    return f"exports/{job_id}/users.{file_format}"
