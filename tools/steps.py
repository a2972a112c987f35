"""The changes that lead from one template to the next, where CloudFormation cannot make them all at once.

- DynamoDB builds or drops one index of a table per update, and CloudFormation passes that on
  (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html). New code
  may need an index that old code lacks: new indexes come first, one by one, under the old code; then everything
  else; then indexes that nothing reads any more go, one by one.
- A table with deletion protection cannot be taken back when the change that made it fails: new tables are protected
  once they are there.
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
    """One change of a stack: to this template."""

    says: str
    template: Template
    keeps_parameters: bool = False
    """Whether it is the old template with other indexes, whose parameters stay as they are."""
    tables: tuple[str, ...] = ()
    """Names of the tables of which it makes or drops an index."""


def between(before: Template | None, after: Template) -> list[Step]:
    """The steps from `before`, None for a stack that is to be made, to `after`, which is the last of them.

    Raises Problem for what no number of steps can do: another key of a table, another projection under an index's name.
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
    main = last[0].template if last else after
    if arriving := [name for name in new.keys() - old.keys() if _protected(new[name])]:
        steps.append(Step("everything, new tables without protection yet", _unprotected(main, arriving)))
    if arriving or last:
        steps += last
        steps.append(Step("the last of it", after, tables=last[0].tables if last else ()))
    else:
        steps.append(Step("everything", after))
    return steps


def _additions(before: Template, old: dict[str, Any], new: dict[str, Any]) -> list[Step]:
    """The old template with one new index more for each table, until all are there."""
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
                {**indexes(template["Resources"][name]), index: indexes(new[name])[index]},
                old[name],
                new[name],
            )
        says = ", ".join(f"{name}/{index}" for name, index in added)
        tables = tuple(new[name]["Properties"]["TableName"] for name, _ in added)
        steps.append(Step(f"new index {says}", template, keeps_parameters=True, tables=tables))
    return steps


def _removals(after: Template, old: dict[str, Any], new: dict[str, Any]) -> list[Step]:
    """The new template still with the indexes that are to go, then with one fewer for each table, but for the last."""
    going = {
        name: [index for index in indexes(old[name]) if index not in indexes(new[name])]
        for name in old.keys() & new.keys()
    }
    steps: list[Step] = []
    tables = tuple(new[name]["Properties"]["TableName"] for name, removed in sorted(going.items()) if removed)
    for number in range(max(map(len, going.values()), default=0)):
        template = copy.deepcopy(after)
        for name, removed in going.items():
            remaining = {index: indexes(old[name])[index] for index in removed[number:]}
            if remaining:
                _set_indexes(
                    template["Resources"][name], {**indexes(new[name]), **remaining}, old[name], new[name]
                )
        steps.append(Step("everything" if number == 0 else "without an old index", template, tables=tables))
    return steps


def _set_indexes(table: dict[str, Any], new_indexes: dict[str, Any], *sources: dict[str, Any]) -> None:
    """Give a table these indexes, and the definitions of exactly the attributes that its keys then name."""
    properties = table["Properties"]
    properties["GlobalSecondaryIndexes"] = list(new_indexes.values())
    types: dict[str, str] = {}
    for source in sources:
        types |= _types(source)
    keys = [*properties["KeySchema"], *(key for index in new_indexes.values() for key in index["KeySchema"])]
    used = dict.fromkeys(key["AttributeName"] for key in keys)
    properties["AttributeDefinitions"] = [{"AttributeName": name, "AttributeType": types[name]} for name in used]


def impossible(before: Template, after: Template) -> list[str]:
    """What no number of steps can do to tables of both templates, each in a few words."""
    old, new = _tables(before), _tables(after)
    problems: list[str] = []
    for name in sorted(old.keys() & new.keys()):
        was, will = old[name]["Properties"], new[name]["Properties"]
        if was["KeySchema"] != will["KeySchema"]:
            problems.append(f"{name} has another key")
        types, others = _types(old[name]), _types(new[name])
        problems += [
            f"{name} has {attribute} of another type"
            for attribute in sorted(types.keys() & others.keys())
            if types[attribute] != others[attribute]
        ]
        there, wanted = indexes(old[name]), indexes(new[name])
        problems += [
            f"{name} has another index under the name of {index}"
            for index in sorted(there.keys() & wanted.keys())
            if shape(there[index]) != shape(wanted[index])
        ]
    return problems


def _tables(template: Template) -> dict[str, Any]:
    return {name: resource for name, resource in template["Resources"].items() if resource["Type"] == TABLE}


def indexes(table: dict[str, Any]) -> dict[str, Any]:
    """The global secondary indexes of a table in a template, by name."""
    return {index["IndexName"]: index for index in table["Properties"].get("GlobalSecondaryIndexes", [])}


def shape(index: dict[str, Any]) -> Any:
    """What makes an index another one, whatever order it is written in."""
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
