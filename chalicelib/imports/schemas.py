"""What the routes of imports take and give."""

from __future__ import annotations

import base64
import re
from dataclasses import fields
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, WithJsonSchema

from chalicelib.core.http.models import Model, QueryModel
from chalicelib.imports.model import COLUMNS_LIMIT, Content, Mode, Options


def _mapped(columns: dict[str, str]) -> dict[str, str]:
    if columns:
        # Few imports map columns, and the API function would load this for each route of imports.
        from chalicelib.imports.systems import mapped

        mapped.parsed(columns)
    return columns


_HALVES = re.compile("[\ud800-\udfff]")


def _in_unicode(value: Any) -> Any:
    """The value with names of members that a model can write as JSON: an escape in a file may be half of a surrogate
    pair. Values are written as escapes again."""
    if isinstance(value, dict):
        return {_HALVES.sub("\ufffd", name): _in_unicode(inner) for name, inner in value.items()}
    return list(map(_in_unicode, value)) if isinstance(value, list) else value


ShownRow = Annotated[dict[str, Any], AfterValidator(_in_unicode)]


class ImportOptions(Model):
    """What a file is imported with."""

    content: Content = "users"
    mode: Mode = "create"
    """`create` reports those who exist already as errors, `upsert` changes what differs of them."""
    dry_run: bool = False
    """Say what would become of each row, and write nobody."""
    privileged: bool = False
    """Apply roles and status too: wants a second factor proved in the last five minutes."""
    firebase_project: Annotated[str, Field(max_length=40)] = ""
    """The secret `rollcall-<stage>-firebase-<project>` holds the project's hash parameters."""
    cognito_hash_column: Annotated[str, Field(max_length=100)] = ""
    cognito_hash_algorithm: Literal["", "ARGON2ID", "BCRYPT", "PBKDF2_SHA256", "SCRYPT"] = ""
    kratos_email: Annotated[str, Field(max_length=200)] = ""
    """The trait that is the address, with dots where it lies deeper."""
    kratos_name: Annotated[str, Field(max_length=200)] = ""
    groups_as_roles: bool = False
    """Make roles of the groups or roles of the other system. Only a privileged import applies roles."""
    columns: Annotated[dict[str, str], AfterValidator(_mapped)] = Field(
        default_factory=dict, max_length=COLUMNS_LIMIT
    )
    """Where the columns of a file of no system that we know go: `{"full_name": "name", "*": "metadata.legacy.*"}`."""

    def options(self) -> Options:
        return Options(**{field.name: getattr(self, field.name) for field in fields(Options)})


class NewImport(ImportOptions):
    file_name: Annotated[str, Field(max_length=255)] = ""
    """What the file is called where it comes from: the import's `source`. Nothing is told by it."""


BEGINNING_BYTES = 64 * 1024
"""Of a file that is previewed: enough for ten rows of any system, and as much as its format is told by."""
_BEGINNING_LETTERS = 4 * -(-BEGINNING_BYTES // 3)
PREVIEW_LIMIT = _BEGINNING_LETTERS + 8 * 1024
"""Bytes of the whole request."""


def _bytes_of(text: object) -> bytes:
    try:
        if isinstance(text, str):
            return base64.b64decode(text, validate=True)
    except ValueError:
        pass
    raise ValueError("must be base64 (RFC 4648, section 4)")


class PreviewedFile(ImportOptions):
    """The beginning of a file, with the options that it would be imported with."""

    beginning: Annotated[
        bytes,
        BeforeValidator(_bytes_of),
        Field(min_length=1, max_length=BEGINNING_BYTES),
        WithJsonSchema({"type": "string", "contentEncoding": "base64", "maxLength": _BEGINNING_LETTERS}),
    ]
    """The first 64 KiB of the file as they are, gzipped or not, in base64."""
    whole: bool = False
    """Whether that is all of the file."""


class ColumnView(BaseModel):
    """A column of the file, or a member within one (`traits.email`), and our fields that it goes to. It is `left_out`
    where nothing would ever become of it; without fields, and not left out, it has no value in these rows that could be
    taken. Of a table that is mapped, `values` has up to three to recognize it by, and none that may be secret."""

    column: str
    fields: list[str]
    left_out: bool
    values: list[str]


class NoteView(BaseModel):
    """What was left out of rows (`left_out`), or changed in them (`changed`), by the file's own name for it, or what
    may be wrong with them (`warning`)."""

    kind: Literal["left_out", "changed", "warning"]
    name: str
    rows: int


class LeftOutView(BaseModel):
    """A part of a row that would not be taken over, and why."""

    field: str
    name: str
    reason: str


class FaultView(BaseModel):
    field: str
    reason: str


class PreviewedRow(BaseModel):
    """A row as it would be imported: `row` has our fields, without secrets. `password` is the kind of the hash, `totp`
    whether there is a secret. With `errors` it would be refused; `row` is what could be read of it then."""

    line: int
    row: ShownRow
    password: str | None
    totp: bool
    left_out: list[LeftOutView]
    errors: list[FaultView]


class PreviewView(BaseModel):
    """`suggested` says where the columns of a file of no known system probably go; `rows` are then shown by it, and an
    import wants it, or another, as its `columns`."""

    format: str
    system: str
    suggested: dict[str, str] | None
    columns: list[ColumnView]
    rows: list[PreviewedRow]


class Mended(Model):
    rows: Annotated[list[dict[str, Any]] | None, Field(max_length=1000)] = None
    """Rows of the report, with their `_ref`. Left out, the answer has a form to upload a file of them with."""


class ReportQuery(QueryModel):
    format: Literal["json", "ndjson", "csv"] = "json"


class CountsView(BaseModel):
    rows: int
    created: int
    updated: int
    unchanged: int
    failed: int


class ImportView(BaseModel):
    """An import. `read` rows of the file have been read, `total` is known once all are; `rate` is in rows a second."""

    id: str
    content: Content
    status: str
    reason: Annotated[str | None, Field(description="Why it failed")]
    refused: Annotated[str | None, Field(description="Why the file of the last retry could not be taken")]
    options: dict[str, Any] | None
    source: str
    format: str | None
    bytes: int | None
    read: int | None
    total: int | None
    counts: CountsView
    notes: list[NoteView]
    rate: float | None
    seconds_left: int | None
    created_at: str
    started_at: str | None
    ended_at: str | None
    has_errors: bool


class UploadForm(BaseModel):
    """A presigned POST: send `fields` and then the file as `file`, as multipart/form-data, within 15 minutes."""

    url: str
    fields: dict[str, str]


class NewImportView(ImportView):
    upload: UploadForm


class ImportList(BaseModel):
    items: list[ImportView]
    next: str | None


class RowErrorView(BaseModel):
    """One fault. `row` is the refused row under our columns, without its secrets; a retry knows it by its `_ref`."""

    line: int
    field: str
    reason: str
    row: ShownRow


class RetryView(ImportView):
    upload: UploadForm | None = Field(description="Null where the rows came with the request")


class RowErrorList(BaseModel):
    items: list[RowErrorView]
    next: None = None
