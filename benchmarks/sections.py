"""The sections of `make bench`, in their order."""

from __future__ import annotations

from functools import partial

from benchmarks.alone import measured
from benchmarks.report import Section


def _section(name: str, title: str, baseline: str) -> Section:
    return Section(name, title, baseline, partial(measured, name))


SECTIONS = (
    _section("cold_start", "Cold start: CPU time to a function's first answer", "plain Chalice + boto3"),
    _section("packages", "The package of prod", "what it may be"),
    _section("edge", "The HTTP edge, warm", "a Chalice hello"),
    _section("aws_calls", "Our AWS client", "boto3"),
    _section("marshalling", "DynamoDB's typed JSON", "boto3's serializer"),
    _section("warm_path", "The warm path: the AWS client taken off", "with it, or a limit"),
    _section("hashing", "A password checked", "one of our own hashes"),
    _section("memory_size", "A million sign-ins on Lambda, by memory", "1,769 MB"),
    _section("import_rows", "Rows of an import", "bare loops"),
    _section("bulk_jobs", "Exports and items in bulk", "a bare scan, single writes"),
)
