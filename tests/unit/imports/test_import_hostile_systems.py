"""The hostile files of each other system, and files that look like those of another."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import pytest

from chalicelib.imports.columns import COLUMNS
from chalicelib.imports.formats import open_rows
from chalicelib.imports.model import FileRefused, UnknownSystem
from tests.unit.imports import hostile
from tests.unit.imports.test_import_hostile import taken

MODULES = {
    each.name: import_module(f"{hostile.__name__}.{each.name}") for each in pkgutil.iter_modules(hostile.__path__)
}


def reasons_of(data: bytes) -> list[str]:
    try:
        return taken(data)[1]
    except FileRefused as refused:
        return [refused.detail]


def system_of(data: bytes) -> str | None:
    try:
        return open_rows(iter([data]), frozenset(COLUMNS["users"])).system
    except UnknownSystem:
        return None


@pytest.mark.parametrize("name", MODULES)
def test_hostile_files_end_in_clear_reports(name):
    files = MODULES[name].FILES
    assert len(files) >= 15
    reasons = {each: reasons_of(data) for each, (data, _) in files.items()}
    assert {
        each: reasons[each]
        for each, (_, expected) in files.items()
        if (expected not in " ".join(reasons[each]) if expected else reasons[each])
    } == {}
    quoted = [reason for each in reasons.values() for reason in each if hostile.SECRET in reason]
    assert quoted == []
    assert all(reason.isprintable() and len(reason) < 1000 for each in reasons.values() for reason in each)


@pytest.mark.parametrize("name", MODULES)
def test_files_that_look_like_the_systems_are_told_from_them(name):
    alike = MODULES[name].ALIKE
    assert {each: system_of(data) for each, (data, _) in alike.items()} == {
        each: system for each, (_, system) in alike.items()
    }
