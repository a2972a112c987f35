"""The formats of an export, its segments, and the keys of its files in the work bucket."""

from __future__ import annotations

import re
from typing import Literal, get_args

ExportFormat = Literal["ndjson", "csv", "auth0", "cognito", "firebase", "keycloak", "kratos", "supabase"]

FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)

EXTENSIONS: dict[str, str] = {
    **dict.fromkeys(FORMATS, "json"),
    **dict.fromkeys(("csv", "cognito", "supabase"), "csv"),
    "ndjson": "ndjson",
}
"""Of the name of a file, by its format."""

HASHES: dict[str, tuple[str, re.Pattern[str]]] = {
    "cognito": ("ARGON2ID", re.compile(r"ARGON2ID|BCRYPT|PBKDF2_SHA256|SCRYPT")),
    "firebase": (
        "BCRYPT",
        re.compile(
            r"BCRYPT|SCRYPT --rounds=\d --mem-cost=\d{1,2}|PBKDF2_SHA256 --rounds=\d{1,6}"
            r"|STANDARD_SCRYPT --mem-cost=\d{1,7} --parallelization=\d{1,2} --block-size=\d{1,4} --dk-len=\d{1,4}"
        ),
    ),
}
"""By the formats whose files have hashes of one algorithm alone, with the same parameters: the usual one, and the form
of all."""

SEGMENTS = 16
"""Each is one invocation of up to 15 minutes, four at once (`infra.state_machines.SEGMENTS_AT_ONCE`). A third of a core
writes some 1,000 people a second, so there is room for 14 million."""


def check_hashes(file_format: str, hashes: str) -> str:
    """The kind of hashes unchanged. Raises ValueError where a file of that format is not for these."""
    if file_format not in HASHES:
        raise ValueError(f"is for {' and '.join(HASHES)} alone: other files take each hash as it is")
    if not HASHES[file_format][1].fullmatch(hashes):
        raise ValueError(
            f"is none of the hashes of {file_format}: left_out of an export names those that there are"
        )
    return hashes


def segment_key(job_id: str, segment: int) -> str:
    return f"exports/{job_id}/segment-{segment}"


def export_key(job_id: str, file_format: str) -> str:
    return f"exports/{job_id}/users.{EXTENSIONS[file_format]}"


def file_name(job_id: str, file_format: str) -> str:
    """What the file is called where it is downloaded."""
    return f"users-{job_id}.{EXTENSIONS[file_format]}"
