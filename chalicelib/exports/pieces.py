"""The pieces of a file of people: one for each person, written in parallel segments and then joined."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from chalicelib.exports.formats import format_named
from chalicelib.exports.formats.fields import Fields, LeftOut, Unfit
from chalicelib.exports.model import HASHES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chalicelib.exports.formats.fields import FileFormat
    from chalicelib.exports.model import ExportFormat
    from chalicelib.jobs.rows import Job


class Pieces:
    """The pieces of one segment, with `rows`, the people in it, and `left_out`, what of them is not."""

    def __init__(self, job: Job) -> None:
        self.rows = 0
        self.left_out = LeftOut()
        self._format = format_of(job)
        self._credentials = job["credentials"]

    def of(self, people: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
        """The pieces of people, who have what `imports.columns.PERSON` names, as far as they have it."""
        for person in people:
            fields = Fields(person, credentials=self._credentials)
            try:
                piece = self._format.piece(fields)
            except Unfit as unfit:
                self.left_out.add([str(unfit)])
                continue
            if piece is None:
                continue
            self.left_out.add(fields.left_out())
            yield self._format.between + piece if self.rows else piece
            self.rows += 1


def format_of(job: Job) -> FileFormat:
    """How the file of an export is written."""
    name = cast("ExportFormat", job["format"])
    usual = HASHES[name][0] if name in HASHES else ""
    asked = job.get("hashes", "")
    return format_named(name, credentials=job["credentials"], hashes=asked or usual, only=bool(asked))


def joined(job: Job, segments: Iterable[tuple[int, Iterable[bytes]]]) -> Iterator[bytes]:
    """The whole file of its segments, each with the number of its people and its blocks."""
    form = format_of(job)
    between = b""
    yield form.head
    for rows, blocks in segments:
        if rows:
            yield from chain((between,), blocks)
            between = form.between
    yield form.foot
