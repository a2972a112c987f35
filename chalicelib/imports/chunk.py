"""One chunk of an import: at most 8,000 rows, run as often as need be, with one outcome."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chalicelib.core import context, logs
from chalicelib.core.aws.state_machine_steps import step
from chalicelib.core.crypto.message_macs import checked
from chalicelib.imports import (
    chunk_reports,
    files,
    report,
)
from chalicelib.imports.model import Options, chunk_key, chunk_part
from chalicelib.imports.options import system_options_of
from chalicelib.imports.rows import people_rows, reading
from chalicelib.imports.rows.chunk_lines import Line, lines_in
from chalicelib.jobs import jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from chalicelib.imports.model import Content
    from chalicelib.imports.rows.outcome import Outcome
    from chalicelib.imports.rows.reading import Reading


def _writing(content: Content) -> Callable[[list[Reading], str, Options, str], Outcome]:
    """What writes rows of that content. Items are checked by pydantic, which takes a tenth of a second to load, so a
    function that has only seen people is without it."""
    if content == "users":
        return people_rows.run
    from chalicelib.imports.rows import item_rows

    return item_rows.run


@step
def import_chunk(entry: dict[str, Any]) -> dict[str, Any]:
    """Import the rows of one entry of a manifest: `{job, chunk, counts}`.

    Beside the calls that write the rows, there are two: one reads the chunk, one records its outcome. A long report of
    the rows takes a third call, and a privileged job one more, which checks its rights. If a run is killed, the next
    one finds what was done before and counts it as done. Raises Transient to be run again. Raises Malformed for an
    entry without our MAC, because the options of an entry are rights.
    """
    entry = checked("manifests", entry)
    traced = context.working_for(entry["request_id"], entry["actor"], entry.get("traceparent", ""))
    with traced, _without_garbage_collection():
        counts = _imported(entry)
    logs.info("chunk imported", job=entry["job"], chunk=int(entry["chunk"]), counts=counts)
    return {"job": entry["job"], "chunk": int(entry["chunk"]), "counts": counts}


def _imported(entry: dict[str, Any]) -> dict[str, int]:
    """Import the rows of an entry, and record their outcome: the counts."""
    job_id, chunk, run = entry["job"], int(entry["chunk"]), entry.get("run", "")
    options = Options(**entry["options"])
    readings = _read(entry, options)
    outcome = _writing(entry["kind"])(readings, job_id, options, run)
    lines = _report_lines(readings, outcome, entry["kind"], trial=options.dry_run)
    counts = outcome.counts.stored()
    fields: dict[str, Any] = {"counts": counts, **chunk_reports.keep(job_id, chunk, run, lines)}
    if notes := outcome.notes.stored():
        fields["notes"] = notes
    if run:
        fields |= {"refused": sorted(outcome.refused), "became": _by_outcome(outcome)}
    jobs().put_part(job_id, chunk_part(chunk, run), **fields)
    return counts


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Rows are trees, so nothing is freed by a search for cycles, which takes a tenth of a chunk's time: a chunk has
    many objects, and they live to its end. Nothing of them may live on, or the next search finds them all."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read(entry: dict[str, Any], options: Options) -> list[Reading]:
    lines = lines_in(files.read_sealed(entry["key"]))
    content, system, system_options = entry["kind"], entry["system"], system_options_of(options)
    if "run" not in entry:
        return reading.read(lines, content, int(entry["chunk"]), system, system_options)

    def source(chunk: int) -> Iterable[Line]:
        there_is = 1 <= chunk <= entry["of_chunks"]
        return lines_in(files.read_sealed(chunk_key(entry["job"], chunk))) if there_is else ()

    return reading.read_again(lines, content, source, system, system_options)


def _report_lines(readings: Iterable[Reading], outcome: Outcome, content: Content, *, trial: bool) -> bytes:
    """The lines of the report: the refused rows and, in a trial, all others too, in the order of the file."""
    if not (trial or outcome.refused):
        return b""
    lines = []
    for each in readings:
        if each.number in outcome.refused:
            lines.append(report.written(report.refused(each, outcome.refused[each.number], content)))
        elif trial:
            lines.append(report.written(report.would_become(each, outcome.became[each.number])))
    return b"".join(lines)


def _by_outcome(outcome: Outcome) -> dict[str, list[int]]:
    sorted_out: dict[str, list[int]] = {}
    for number, became in outcome.became.items():
        sorted_out.setdefault(became, []).append(number)
    return sorted_out
