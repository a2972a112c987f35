"""What the routes of imports take and give."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from chalicelib.core.http.models import Model, QueryModel
from chalicelib.imports.model import Content, Mode, Options


class NewImport(Model):
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

    def options(self) -> Options:
        return Options(**{field.name: getattr(self, field.name) for field in fields(Options)})


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
    row: dict[str, Any]


class RetryView(ImportView):
    upload: UploadForm | None = Field(description="Null where the rows came with the request")


class RowErrorList(BaseModel):
    items: list[RowErrorView]
    next: None = None
