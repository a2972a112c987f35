"""The sections of `make bench`, in their order. Each measures in a process of its own where it needs one."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from benchmarks.report import Section

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.measuring import Measured


def _section(name: str, title: str, baseline: str) -> Section:
    def measure() -> Iterable[Measured]:
        found: Iterable[Measured] = import_module(f"benchmarks.{name}").measure()
        return found

    return Section(name, title, baseline, measure)


SECTIONS = (
    _section("loading", "Cold import of app.py and a handler's modules", "import chalice, boto3"),
    _section("marshalling", "DynamoDB's typed JSON", "boto3's serializer"),
    _section("requests", "A request in process", "bare Chalice"),
    _section("hashing", "A password checked, CPU time", "one of our own hashes"),
    _section("memory_size", "A million sign-ins on Lambda, by memory", "1,769 MB"),
    _section("packages", "Packages that are built (make package STAGE=prod)", "Lambda's limits"),
)
