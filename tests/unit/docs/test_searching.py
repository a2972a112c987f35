"""`docs/searching.md` says of filters what they are."""

from __future__ import annotations

import re

import pytest

from chalicelib.core.errors import Invalid
from chalicelib.read_model.filters import limits, parse
from chalicelib.read_model.filters.fields import fields_for
from tests.unit.docs.markdown import page, rows, section

PAGE = page("docs/searching.md")
KINDS = "*Kind: how its values are written and compared*"
EXAMPLES = [row[0].strip("`") for row in rows(section(PAGE, "Examples"))]


def test_each_field_is_there_with_its_kind():
    fields = rows(section(PAGE, "Fields").partition(KINDS)[0])
    said = {name: re.sub("^folded text$", "text, without accents and capitals", kind) for name, kind, _ in fields}
    assert said == {name: field.kind.value for name, field in fields_for(("admin",)).items()}


def test_what_support_has_no_field_for_is_said():
    hidden = fields_for(("admin",)).keys() - fields_for(("support",)).keys()
    said = {row[0] for row in rows(section(PAGE, "Fields")) if re.search("alone", row[-1]) and len(row) == 3}
    assert said == hidden


@pytest.mark.parametrize(
    "choice", [choice for field in fields_for(("admin",)).values() for choice in field.choices]
)
def test_each_word_of_a_field_of_few_is_there(choice):
    assert f"`{choice}`" in section(PAGE, "Fields")


def test_the_limits_are_those_of_the_code():
    said = [int(number.replace(",", "")) for number in re.findall(r"\*\*([\d,]+)\*\*", section(PAGE, "Limits"))]
    assert said == [limits.LENGTH, limits.PARTS, limits.DEPTH, limits.LISTED, limits.MEMBERS]


@pytest.mark.parametrize("text", EXAMPLES)
def test_each_example_is_a_filter(text):
    filter_ = parse(text, roles=("admin",))
    assert parse(filter_.text, roles=("admin",)) == filter_


def test_there_are_examples_of_all_that_there_is():
    assert len(EXAMPLES) >= 10
    with pytest.raises(Invalid):
        parse("an (example", roles=())
