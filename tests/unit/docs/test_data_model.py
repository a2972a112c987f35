"""The page of the data model tells of every table, index, key and lifetime, and of who may read and write it."""

from __future__ import annotations

import json
import re
from itertools import chain

import pytest

from infra import policies
from infra.functions import FUNCTIONS
from infra.stage import ALL_ON, Stage
from infra.tables import SPECS, Index, TableSpec
from tests.unit.docs import markdown
from tests.unit.docs.markdown import ROOT, codes, rows, section

PAGE = markdown.page("docs/data-model.md")
STAGE = Stage("prod", ALL_ON)
WRITES = {"PutItem", "UpdateItem", "DeleteItem", "PartiQLInsert"}
IMAGES = {"NEW_AND_OLD_IMAGES": "both images", "KEYS_ONLY": "keys only"}

each_table = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)


def part(spec: TableSpec, heading: str = "") -> str:
    """What the page says of a table before its first heading of the third level, or below one of these."""
    parts = re.split(r"^### (.+)\n", section(PAGE, f"`{spec.name}`"), flags=re.MULTILINE)
    return dict(zip(["", *parts[1::2]], parts[::2], strict=True))[heading]


def facts(spec: TableSpec) -> dict[str, str]:
    return {row[0]: row[1] for row in rows(part(spec))}


def functions(spec: TableSpec, *, write: bool) -> list[str]:
    """The functions whose policies let them write or read a table, in the order in which they are defined."""
    named = []
    for function in FUNCTIONS:
        allowed = policies.statements(STAGE, function)
        actions = chain.from_iterable(
            each.actions
            for each in allowed
            if any(re.search(rf":table/rollcall-prod-{spec.name}(/index/.*)?$", name) for name in each.resources)
        )
        if any((action.removeprefix("dynamodb:") in WRITES) is write for action in actions):
            named.append(function.name)
    return named


def test_every_table_is_told_in_the_order_of_the_code():
    assert re.findall(r"^## `(\w+)`$", PAGE, flags=re.MULTILINE) == [spec.name for spec in SPECS]


@each_table
def test_its_key_is_told(spec):
    assert codes(facts(spec)["Key"]) == [key for key in (spec.partition, spec.sort) if key]


@each_table
def test_its_stream_is_told_with_the_function_that_reads_it(spec):
    told = facts(spec)["Stream"]
    if spec.stream is None:
        assert told == "none"
        return
    assert told.startswith(IMAGES[spec.stream])
    assert codes(told) == [function.name for function in FUNCTIONS if function.stream == spec.name]


@each_table
def test_whether_rows_expire_is_told(spec):
    told = facts(spec)["TTL"]
    assert codes(told)[:1] == ["expires_at"] if spec.expires else told == "none"


@each_table
def test_the_packages_that_open_it_are_told(spec):
    told = codes(facts(spec)["Package"])
    assert sorted(told) == sorted(f"chalicelib/{owner}/" for owner in spec.owners)


@pytest.mark.slow
@each_table
def test_who_may_write_and_read_is_told(spec):
    assert codes(facts(spec)["Written by"]) == functions(spec, write=True)
    assert codes(facts(spec)["Read by"]) == functions(spec, write=False)


@each_table
def test_the_packages_that_it_belongs_to_exist(spec):
    packages = codes(facts(spec)["Package"])
    assert packages
    assert [package for package in packages if not (ROOT / package / "__init__.py").exists()] == []


def projection(index: Index) -> str:
    if isinstance(index.projection, str):
        return {"KEYS_ONLY": "keys only", "ALL": "whole rows"}[index.projection]
    return "keys and " + ", ".join(f"`{name}`" for name in index.projection)


@each_table
def test_every_index_is_told(spec):
    told = {
        codes(name)[0]: (codes(keys), holds)
        for name, keys, holds, _ in (rows(part(spec, f"Indexes of `{spec.name}`")) if spec.indexes else ())
    }
    assert told == {index.name: ([index.partition, index.sort], projection(index)) for index in spec.indexes}


@each_table
def test_every_example_is_a_row_of_the_table(spec):
    blocks = re.findall(r"```json\n(.*?)```", part(spec, f"Rows of `{spec.name}`"), flags=re.DOTALL)
    assert blocks
    for text in blocks:
        left = text
        while left:
            row, end = json.JSONDecoder().raw_decode(left)
            left = left[end:].lstrip()
            assert row.keys() >= {spec.partition, spec.sort or spec.partition, "schema"}, row
            assert spec.expires or "expires_at" not in row


@each_table
def test_ways_to_reach_its_rows_are_told(spec):
    assert part(spec, f"Access to `{spec.name}`").count("\n- ") >= 1
