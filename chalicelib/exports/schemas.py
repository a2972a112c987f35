"""What the routes of exports take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from chalicelib.core.http.models import Model, Moment
from chalicelib.exports.model import ExportFormat  # noqa: TC001 - pydantic reads the type


class NewExport(Model):
    """Who is exported, and how. Filters hold together; times are RFC 3339."""

    format: ExportFormat = "ndjson"
    credentials: bool = False
    """Password hashes and TOTP secrets too."""
    min_age: Annotated[int | None, Field(ge=0, le=150)] = None
    max_age: Annotated[int | None, Field(ge=0, le=150)] = None
    role: str | None = None
    status: Literal["active", "disabled"] | None = None
    created_after: Moment | None = None
    created_before: Moment | None = None

    def filters(self) -> dict[str, Any]:
        return self.model_dump(exclude={"format", "credentials"}, exclude_none=True)


class ExportCounts(BaseModel):
    rows: int


class ExportView(BaseModel):
    """An export. `link` downloads its file for ten minutes, once it has finished. It is everybody at once, so it is
    given only to who has proved a second factor in the last five minutes, as for asking. The file of one with
    credentials is removed ten minutes after it has finished."""

    id: str
    status: str
    reason: str | None
    format: str | None
    credentials: bool
    filters: dict[str, Any]
    bytes: int | None
    counts: ExportCounts
    created_at: str
    ended_at: str | None
    link: str | None = None


class ExportList(BaseModel):
    items: list[ExportView]
    next: str | None
