"""What requests and answers about the read model's tables hold."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from chalicelib.core.http.routing import Model


class Check(Model):
    mend: bool = Field(default=False, description="Whether the tables are replaced where something differs")


class DifferingDay(BaseModel):
    """A day on which a table differs, with its rows in the tables that are asked, and as they should be."""

    table: str
    day: str
    rows: int
    anew: int


class Difference(BaseModel):
    """A row that differs."""

    table: str
    kind: Literal["missing", "extra", "older", "different"]
    key: list[Any] = Field(description="The row's primary key")


class Rebuild(BaseModel):
    id: str
    purpose: Literal["rebuild", "verify"]
    mend: bool
    status: Literal["waiting", "running", "paused", "finished", "failed", "cancelled"]
    reason: str | None = Field(description="Why it failed")
    step: str
    written: dict[str, int] = Field(description="Records that were written, by what they are")
    unreadable: int = Field(description="Records that no table takes; the log says why")
    expected: dict[str, int] = Field(
        description="Rows of the tables that are asked, as estimated at the beginning"
    )
    rate: int = Field(description="Records a second, while they are written")
    seconds_left: int | None = Field(description="For writing, at that rate; null where that cannot be said")
    differences: dict[str, dict[str, int]] | None = Field(
        description="Of a check: rows by table and kind: missing, extra, older, different; or waiting on the queue"
    )
    days: list[DifferingDay] = Field(description="At most 200")
    listed: list[Difference] = Field(description="At most 200")
    created_at: str
    updated_at: str


class RebuildList(BaseModel):
    items: list[Rebuild]
    next: str | None


class State(BaseModel):
    migration: int = Field(description="The newest migration that was applied")
    newest_migration: int = Field(description="The newest one that there is")
    rows: dict[str, int] = Field(description="By table, as PostgreSQL last estimated them")
    newest_event: str | None = Field(description="The time of the newest event that was written")
    is_filling: bool = Field(description="Whether tables are being made anew")
    job: Rebuild | None = Field(description="The latest job that made the tables anew, or checked them")
