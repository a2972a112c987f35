"""Conditions say what boto3's of the same words say."""

from __future__ import annotations

import inspect

import pytest
from boto3.dynamodb import conditions as boto3_conditions
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.aws.dynamo import conditions
from chalicelib.core.aws.dynamo.expressions import Expressions

NAMES = st.text("abc_-# é", min_size=1, max_size=8)
"""Without dots and brackets, which boto3 takes for a path."""

OPERATORS = {
    **dict.fromkeys(("eq", "lt", "lte", "gt", "gte", "begins_with", "ne", "contains"), 1),
    "between": 2,
    "exists": 0,
    "not_exists": 0,
}
VALUES = st.text(max_size=5) | st.integers()


def on_one(kind: str, operators: list[str]) -> st.SearchStrategy:
    """A condition on one attribute: `(kind, name, operator, values)`."""
    one = st.sampled_from(operators).flatmap(
        lambda operator: st.tuples(
            *(st.just(kind), NAMES, st.just(operator)),
            st.lists(VALUES, min_size=OPERATORS[operator], max_size=OPERATORS[operator]),
        )
    )
    grouped = st.lists(VALUES, min_size=1, max_size=4).map(lambda values: [values])
    members = st.tuples(st.just(kind), NAMES, st.just("is_in"), grouped)
    return one | members if kind == "Attr" else one


KEY_OPERATORS = [name for name in OPERATORS if hasattr(conditions.Key, name)]
ANY = st.recursive(
    on_one("Attr", list(OPERATORS)) | on_one("Key", KEY_OPERATORS),
    lambda part: st.tuples(st.sampled_from("&|"), part, part),
    max_leaves=8,
)


def build(module, tree):
    if tree[0] in "&|":
        left, right = (build(module, part) for part in tree[1:])
        return left & right if tree[0] == "&" else left | right
    kind, name, operator, values = tree
    return getattr(getattr(module, kind)(name), operator)(*values)


@pytest.mark.slow
@given(st.lists(ANY, min_size=1, max_size=2))
def test_a_request_says_what_boto3_says(trees):
    """Two conditions, as a query has them, share no placeholder."""
    ours, theirs = Expressions(), boto3_conditions.ConditionExpressionBuilder()
    names, values = {}, {}
    for tree in trees:
        built = theirs.build_expression(build(boto3_conditions, tree))
        assert ours.condition(build(conditions, tree)) == built.condition_expression
        names |= built.attribute_name_placeholders
        values |= built.attribute_value_placeholders
    assert ours.names == names
    assert {name: next(iter(value.values())) for name, value in ours.values.items()} == {
        name: value if isinstance(value, str) else str(value) for name, value in values.items()
    }


def test_every_operator_is_held_against_boto3():
    ours = {name for name, _ in inspect.getmembers(conditions.Attr, inspect.isfunction) if name[0] != "_"}
    assert ours == {*OPERATORS, "is_in"}


def test_an_attribute_may_have_any_name():
    expressions = Expressions()
    assert expressions.condition(conditions.Attr("10.0.0.1[0]{}").exists()) == "attribute_exists(#n0)"
    assert expressions.names == {"#n0": "10.0.0.1[0]{}"}
