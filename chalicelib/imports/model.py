"""The options of an import, its counts, and the keys of its files in the work bucket."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from chalicelib.core import ids
from chalicelib.core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

Content = Literal["users", "items"]
Mode = Literal["create", "upsert"]

MODES = ("create", "upsert")
FOLDERS: dict[str, Content] = {"imports": "users", "items": "items"}
"""What the objects of a folder of the uploads bucket hold; objects elsewhere are copied only."""

METADATA_PREFIX = "rollcall-"
"""Of the object metadata that a dropped file's options are read from: `x-amz-meta-rollcall-mode`."""

FILE_BYTES = 1024**3
"""Of an imported file, compressed or not."""
ROW_BYTES: dict[Content, int] = {"users": 100 * 1024, "items": 1024**2}
"""Of one row as it stands in the file: an item's value of 300 KB may be written with escapes and blanks."""
FIELD_SHOWN = 64
"""Characters of a field's name in a report: unknown columns are named by whoever wrote the file."""
ROWS_LIMIT = 10_000_000
"""A file of 1 GB holds fewer rows that say anything; it bounds the manifest to about 5 MB."""
UPLOAD_SECONDS = 900
"""That a form for an upload is good for."""
CHUNK_ROWS = 8000
"""Of a chunk. It waits three times for a call that nothing hides: of 2,000 people that is a quarter of the time, of
8,000 a twelfth. These take some 0.7 s of CPU, and 16 s while four functions share new tables."""
CHUNK_BYTES = 4 * 1024**2

COLUMNS_LIMIT, COLUMNS_BYTES = 200, 32 * 1024
"""Columns of a file whose job says where they go, and what their names and targets have in all. Each chunk gets them in
its entry of the manifest, and an item of a map state has 256 KiB at most
(https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html)."""

_ULID = "[0-9A-HJKMNP-TV-Z]{26}"
_UPLOAD_KEY = re.compile(rf"imports/({_ULID})(?:/retries/({_ULID}))?/([A-Za-z0-9_-]{{22}})")


class FileRefused(Refused):
    """The file as a whole cannot be imported; the detail says what was seen and what was expected. What it quotes of
    the file or of its metadata may be anything, so a character that cannot be printed is replaced by `?`."""

    title = "The file cannot be imported"

    def __init__(self, detail: str) -> None:
        super().__init__(_printable(detail))


class FileCut(FileRefused):
    """The file ends before its end."""


class UnknownSystem(FileRefused):
    """The file is a table of no system that we know. `sample` has some of its rows, for a suggestion."""

    def __init__(self, detail: str, sample: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(detail)
        self.sample = sample


class RowError(NamedTuple):
    """One fault of one row. `line` is where the row begins in the file; `reason` never quotes the row."""

    line: int
    field: str
    reason: str


def shown(field: str) -> str:
    """A field's name as reports show it: short and printable. Without a name, the row as a whole is meant."""
    return _printable(field[:FIELD_SHOWN]) or "(row)"


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)


@dataclass(frozen=True)
class Options:
    """How an import treats what it finds, and what it has to know of files that do not say it themselves."""

    mode: Mode = "create"
    dry_run: bool = False
    """Says what would happen, row by row, and writes nobody."""
    privileged: bool = False
    """Applies roles and status too. No dropped file can ask for it."""
    firebase_project: str = ""
    """The secret `rollcall-<stage>-firebase-<project>` holds the parameters of the hashes of a Firebase project."""
    cognito_hash_column: str = ""
    cognito_hash_algorithm: str = ""
    kratos_email: str = ""
    """The trait that is the address, with dots where it lies deeper: `email` where nothing is said."""
    kratos_name: str = ""
    groups_as_roles: bool = False
    """Makes roles of the groups or roles of the other system. Only a privileged import applies roles."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Where the columns of a file of no known system go: `imports.systems.mapped`."""

    def stored(self) -> dict[str, Any]:
        """As a job stores them: without the options that are not set, but always with `mode` and `dry_run`."""
        options = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            **{name: value for name, value in options.items() if value},
            "mode": self.mode,
            "dry_run": self.dry_run,
        }


@dataclass
class Counts:
    """What became of rows. For items, `created` are those stored and `unchanged` those that lost to a later write."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0

    @property
    def rows(self) -> int:
        return self.created + self.updated + self.unchanged + self.failed

    def add(self, stored: Mapping[str, int]) -> None:
        for name in ("created", "updated", "unchanged", "failed"):
            setattr(self, name, getattr(self, name) + int(stored.get(name, 0)))

    def stored(self) -> dict[str, int]:
        return {"rows": self.rows, **asdict(self)}


DROPPED = tuple(each.name.replace("_", "-") for each in fields(Options) if each.name != "privileged")
"""The options that a dropped object's metadata may hold."""


def options_in(metadata: Mapping[str, str]) -> Options:
    """The options in a dropped object's metadata. Raises FileRefused for an unknown name or value."""
    texts = {
        name.removeprefix(METADATA_PREFIX): value.strip()
        for name, value in metadata.items()
        if name.startswith(METADATA_PREFIX)
    }
    unknown = sorted(texts.keys() - set(DROPPED))
    if unknown:
        raise FileRefused(f"unknown metadata: {', '.join(f'{METADATA_PREFIX}{name}' for name in unknown)}")
    mode, dry_run = texts.pop("mode", "create").lower(), texts.pop("dry-run", "false").lower()
    if mode not in MODES:
        raise FileRefused(f"{METADATA_PREFIX}mode must be {' or '.join(MODES)}")
    further: dict[str, Any] = {name.replace("-", "_"): value for name, value in texts.items()}
    if "columns" in further:
        further["columns"] = _columns(further["columns"])
    if "groups_as_roles" in further:
        further["groups_as_roles"] = _truth("groups-as-roles", further["groups_as_roles"])
    return Options(cast(Mode, mode), _truth("dry-run", dry_run), **further)


def _truth(name: str, text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise FileRefused(f"{METADATA_PREFIX}{name} must be true or false")
    return text.lower() == "true"


def _columns(text: str) -> dict[str, str]:
    """Where columns go, of metadata: a JSON object of texts."""
    try:
        columns = json.loads(text)
    except ValueError:
        columns = None
    if not isinstance(columns, dict) or not all(isinstance(each, str) for each in columns.values()):
        raise FileRefused(f"{METADATA_PREFIX}columns must be a JSON object of texts")
    return columns


def dropped_job_id(bucket: str, key: str, version: str, moment: datetime) -> str:
    """The id of the one job of an object's version, dropped at that moment: each event of it gives the same."""
    digest = bytes.fromhex(upload_digest(bucket, key, version))
    return ids.new_id(moment)[:10] + ids.id_from(digest)[10:]


class UploadKey(NamedTuple):
    """What the key of an upload names: a job, a retry of it (`""` for its first run), and the secret of its form."""

    job_id: str
    run: str
    secret: str


def upload_key(job_id: str, secret: str, run: str = "") -> str:
    """Where the file of a job that was made by `POST /imports` is uploaded to, or of a retry of it."""
    return f"{_folder(job_id, run)}/{secret}"


def upload_in(key: str) -> UploadKey | None:
    """What an object's key names; None for a key that no upload form is made for."""
    match = _UPLOAD_KEY.fullmatch(key)
    return UploadKey(match[1], match[2] or "", match[3]) if match else None


def content_of(key: str) -> Content | None:
    """What a dropped object holds, by the folder it was dropped in; None where it is no import."""
    folder, _, name = key.partition("/")
    if not name or key.endswith("/"):
        return None
    return FOLDERS.get(folder)


def manifest_key(job_id: str, run: str = "") -> str:
    return f"{_folder(job_id, run)}/manifest.json"


def chunk_key(job_id: str, chunk: int, run: str = "") -> str:
    return f"{_folder(job_id, run)}/chunks/{chunk:05}.rows"


def row_report_key(job_id: str, chunk: int, digest: str, run: str = "") -> str:
    """The key of a chunk's report lines. The digest is of the lines, so that a run of the chunk which ends too late
    to be counted overwrites nothing."""
    return f"{_folder(job_id, run)}/told/{chunk:05}-{digest}.ndjson.gz"


def report_key(job_id: str, name: str, run: str = "") -> str:
    return f"{_folder(job_id, run)}/{name}"


def chunk_part(chunk: int, run: str = "") -> str:
    """The part of a job that is one of its chunks."""
    return f"{chunk_parts(run)}{chunk:05}"


def chunk_parts(run: str = "") -> str:
    """What the names of a run's chunks begin with."""
    return f"retry#{run}#" if run else "chunk#"


def retry_part(run: str) -> str:
    """The part of a job that says who asked for a retry."""
    return f"retry#{run}"


def upload_part(run: str = "") -> str:
    """The part of a job that says which object its file is, or that of a retry of it, by `upload_digest`."""
    return f"upload#{run}"


def upload_digest(bucket: str, key: str, version: str) -> str:
    """What stands for a version of an object, whose key may hold the secret of a form."""
    return hashlib.sha256(f"{bucket}\n{key}\n{version}".encode()).hexdigest()


def _folder(job_id: str, run: str) -> str:
    return f"imports/{job_id}/retries/{run}" if run else f"imports/{job_id}"


def person_id(job_id: str, number: int) -> str:
    """The id of whom a row with an address makes: a ULID of the job's time, the same whenever the row is run."""
    digest = hashlib.sha256(f"{job_id}\n{number}".encode()).digest()
    return ids.id_from(digest, job_id[:10])
