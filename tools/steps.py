"""The changes that lead from one template to the next, where CloudFormation cannot make all of them at once.

- DynamoDB builds or drops one index of a table per update, and CloudFormation has the same limit
  (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html). New code
  may need an index that old code lacks. So new indexes come first, one by one, with the old code; then everything
  else; at last the indexes that nothing reads any more are dropped, one by one.
- A table with deletion protection cannot be rolled back when the change that created it fails. So new tables are
  protected in a step after the one that creates them.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from tools.console import Problem

Template = dict[str, Any]

TABLE = "AWS::DynamoDB::Table"


@dataclass(frozen=True)
class Step:
    """One change of a stack, to this template."""

    says: str
    template: Template
    keeps_parameters: bool = False
    """Whether it is the old template with other indexes; its parameters then keep their values."""
    tables: tuple[str, ...] = ()
    """Names of the tables that get or lose an index in this step."""


def between(before: Template | None, after: Template) -> list[Step]:
    """The steps from `before` to `after`, which is the template of the last one. `before` is None for a new stack.

    Raises Problem for changes that no number of steps can make: another key of a table, or another projection of an
    index under the same name.
    """
    old = _tables(before) if before else {}
    new = _tables(after)
    if before and (problems := impossible(before, after)):
        raise Problem(
            f"a table cannot be changed like that: {'; '.join(problems)}."
            " Give what is new a new name (docs/upgrading.md)"
        )
    steps: list[Step] = []
    if before:
        steps += _additions(before, old, new)
    last = _removals(after, old, new)
    main_template = last[0].template if last else after
    if new_protected := [name for name in new.keys() - old.keys() if _protected(new[name])]:
        steps.append(
            Step("everything, new tables without protection yet", _unprotected(main_template, new_protected))
        )
    if new_protected or last:
        steps += last
        steps.append(Step("the last of it", after, tables=last[0].tables if last else ()))
    else:
        steps.append(Step("everything", after))
    return steps


def _additions(before: Template, old: dict[str, Any], new: dict[str, Any]) -> list[Step]:
    """Steps of the old template, each with one more new index for each table, until all indexes are there."""
    missing = {
        name: [index for index in indexes(new[name]) if index not in indexes(old[name])]
        for name in old.keys() & new.keys()
    }
    steps: list[Step] = []
    template = before
    for number in range(max(map(len, missing.values()), default=0)):
        template = copy.deepcopy(template)
        added = [(name, new_ones[number]) for name, new_ones in sorted(missing.items()) if number < len(new_ones)]
        for name, index in added:
            _set_indexes(
                template["Resources"][name],
                {**indexes(template["Resources"][name]), index: fixed(indexes(new[name])[index])},
                old[name],
                new[name],
            )
        index_names = ", ".join(f"{name}/{index}" for name, index in added)
        tables = tuple(new[name]["Properties"]["TableName"] for name, _ in added)
        steps.append(Step(f"new index {index_names}", template, keeps_parameters=True, tables=tables))
    return steps


def _removals(after: Template, old: dict[str, Any], new: dict[str, Any]) -> list[Step]:
    """Steps of the new template, first with all indexes that are to be dropped, then with one fewer for each table. The
    step without any of them is not among these."""
    removals = {
        name: [index for index in indexes(old[name]) if index not in indexes(new[name])]
        for name in old.keys() & new.keys()
    }
    steps: list[Step] = []
    tables = tuple(new[name]["Properties"]["TableName"] for name, removed in sorted(removals.items()) if removed)
    for number in range(max(map(len, removals.values()), default=0)):
        template = copy.deepcopy(after)
        for name, removed in removals.items():
            remaining = {index: fixed(indexes(old[name])[index]) for index in removed[number:]}
            if remaining:
                _set_indexes(
                    template["Resources"][name], {**indexes(new[name]), **remaining}, old[name], new[name]
                )
        steps.append(Step("everything" if number == 0 else "without an old index", template, tables=tables))
    return steps


def _set_indexes(table: dict[str, Any], new_indexes: dict[str, Any], *sources: dict[str, Any]) -> None:
    """Set the indexes of a table, and define exactly the attributes that its keys then name. `sources` are tables that
    hold the types of these attributes."""
    properties = table["Properties"]
    properties["GlobalSecondaryIndexes"] = list(new_indexes.values())
    types: dict[str, str] = {}
    for source in sources:
        types |= _types(source)
    keys = [*properties["KeySchema"], *(key for index in new_indexes.values() for key in index["KeySchema"])]
    used = dict.fromkeys(key["AttributeName"] for key in keys)
    properties["AttributeDefinitions"] = [{"AttributeName": name, "AttributeType": types[name]} for name in used]


def impossible(before: Template, after: Template) -> list[str]:
    """The changes of tables in both templates that no number of steps can make, each in a few words."""
    old, new = _tables(before), _tables(after)
    problems: list[str] = []
    for name in sorted(old.keys() & new.keys()):
        old_properties, new_properties = old[name]["Properties"], new[name]["Properties"]
        if old_properties["KeySchema"] != new_properties["KeySchema"]:
            problems.append(f"{name} has another key")
        old_types, new_types = _types(old[name]), _types(new[name])
        problems += [
            f"{name} has {attribute} of another type"
            for attribute in sorted(old_types.keys() & new_types.keys())
            if old_types[attribute] != new_types[attribute]
        ]
        old_indexes, new_indexes = indexes(old[name]), indexes(new[name])
        problems += [
            f"{name} has another index under the name of {index}"
            for index in sorted(old_indexes.keys() & new_indexes.keys())
            if shape(old_indexes[index]) != shape(new_indexes[index])
        ]
    return problems


def _tables(template: Template) -> dict[str, Any]:
    return {name: resource for name, resource in template["Resources"].items() if resource["Type"] == TABLE}


def indexes(table: dict[str, Any]) -> dict[str, Any]:
    """The global secondary indexes of a table in a template, by name."""
    return {index["IndexName"]: index for index in table["Properties"].get("GlobalSecondaryIndexes", [])}


def fixed(index: dict[str, Any]) -> dict[str, Any]:
    """An index without what may change, which may depend on a condition or parameter of its own template."""
    return {name: index[name] for name in ("IndexName", "KeySchema", "Projection")}


def shape(index: dict[str, Any]) -> Any:
    """The parts of an index that cannot change under its name, in a form that does not depend on their order."""
    projection = index["Projection"]
    return index["KeySchema"], projection["ProjectionType"], sorted(projection.get("NonKeyAttributes", []))


def _types(table: dict[str, Any]) -> dict[str, str]:
    return {each["AttributeName"]: each["AttributeType"] for each in table["Properties"]["AttributeDefinitions"]}


def _protected(table: dict[str, Any]) -> bool:
    return table["Properties"].get("DeletionProtectionEnabled", False) is not False


def _unprotected(template: Template, names: list[str]) -> Template:
    unprotected = copy.deepcopy(template)
    for name in names:
        unprotected["Resources"][name]["Properties"]["DeletionProtectionEnabled"] = False
    return unprotected
