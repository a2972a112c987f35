"""What the routes of exports take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationInfo, field_validator

from chalicelib.core.http.models import Model, Moment
from chalicelib.exports.model import ExportFormat, check_hashes


class NewSegmentExport(Model):
    """How the people of a segment are exported."""

    format: ExportFormat = "ndjson"
    credentials: bool = False
    """Password hashes and TOTP secrets too."""
    hashes: Annotated[str | None, Field(max_length=100)] = None
    """Only people who have such a hash, and with it: for Cognito's and Firebase's files, which have hashes of one
    algorithm alone, with the same parameters. Without it they hold everybody, with the usual hashes (`ARGON2ID` and
    `BCRYPT`); `left_out` of an export names those that there are besides."""

    @field_validator("hashes")
    @classmethod
    def _fits(cls, hashes: str | None, others: ValidationInfo) -> str | None:
        if hashes is not None and not others.data.get("credentials"):
            raise ValueError("goes with credentials alone")
        return None if hashes is None else check_hashes(others.data.get("format", ""), hashes)


class NewExport(NewSegmentExport):
    """Who is exported, and how. Filters hold together; times are RFC 3339."""

    min_age: Annotated[int | None, Field(ge=0, le=150)] = None
    max_age: Annotated[int | None, Field(ge=0, le=150)] = None
    role: str | None = None
    status: Literal["active", "disabled"] | None = None
    created_after: Moment | None = None
    created_before: Moment | None = None

    def filters(self) -> dict[str, Any]:
        return self.model_dump(exclude={"format", "credentials", "hashes"}, exclude_none=True)


class ExportCounts(BaseModel):
    rows: int


class LeftOutOfExport(BaseModel):
    """What the format of the file cannot hold: a field or a credential, with the kind of hash in brackets, or a
    `person` with the reason, who is not in the file at all."""

    name: str
    rows: int


class ExportView(BaseModel):
    """An export. `link` downloads its file for ten minutes, once it has finished. It is everybody at once, so it is
    given only to who has proved a second factor in the last five minutes, as for asking. The file of one with
    credentials is removed ten minutes after it has finished."""

    id: str
    status: str
    reason: str | None
    format: str | None
    file_name: str
    credentials: bool
    hashes: str | None
    filters: dict[str, Any]
    bytes: int | None
    counts: ExportCounts
    left_out: list[LeftOutOfExport]
    created_at: str
    ended_at: str | None
    link: str | None = None


class ExportList(BaseModel):
    items: list[ExportView]
    next: str | None
