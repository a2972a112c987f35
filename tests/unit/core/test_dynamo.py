"""DynamoDB's typed JSON and Python's values, both ways."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.aws.calls.json_protocol import encode
from chalicelib.core.aws.dynamo import (
    Table,
    from_item,
    marshal,
    to_item,
    unmarshal,
)
from chalicelib.core.aws.dynamo.conditions import Attr, Key
from chalicelib.core.aws.dynamo.values import item_json

NUMBERS = st.integers(-(10**37), 10**37) | st.floats(allow_nan=False, allow_infinity=False, width=32)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text() | st.binary() | st.frozensets(st.text(), min_size=1)
VALUES = st.recursive(SCALARS, lambda part: st.lists(part) | st.dictionaries(st.text(), part), max_leaves=20)


@pytest.mark.slow
@given(VALUES)
def test_every_value_comes_back_as_it_was(value):
    assert unmarshal(marshal(value)) == value


@pytest.mark.slow
@given(VALUES)
def test_every_typed_value_has_one_type_and_numbers_are_texts(value):
    def check(typed):
        ((kind, inner),) = typed.items()
        if kind == "N":
            assert isinstance(inner, str)
        for part in inner if kind == "L" else inner.values() if kind == "M" else ():
            check(part)

    check(marshal(value))


@pytest.mark.slow
@given(st.dictionaries(st.text(min_size=1), SCALARS, max_size=5))
def test_items_come_back_whole(item):
    assert to_item(from_item(item)) == item


@pytest.mark.parametrize(
    ("value", "typed"),
    [
        (True, {"BOOL": True}),
        (1, {"N": "1"}),
        (1.5, {"N": "1.5"}),
        ((1, "a"), {"L": [{"N": "1"}, {"S": "a"}]}),
        ({"b", "a"}, {"SS": ["a", "b"]}),
    ],
)
def test_types_are_told_apart(value, typed):
    assert marshal(value) == typed


def test_a_name_of_an_enumeration_is_a_text():
    class Colour(StrEnum):
        RED = "red"

    assert marshal(Colour.RED) == {"S": "red"}


@pytest.mark.parametrize("value", [object(), 1j, [object()], {"a": {1, 2}.__iter__()}])
def test_what_dynamodb_cannot_hold_is_a_type_error(value):
    with pytest.raises(TypeError, match="cannot hold a"):
        marshal(value)


@pytest.mark.parametrize("number", [1e124, -1e124, 1e40, 10**37, -(10**37), 1e-7])
def test_a_number_comes_back_as_its_kind_however_dynamodb_writes_it_out(number):
    """It says all digits of a great number: of a fraction's kind, there may be more than an integer has here."""
    written = format(Decimal(repr(number)), "f")
    assert unmarshal({"N": written}) == number
    assert type(unmarshal({"N": written})) is type(number)


def test_a_binary_value_of_a_stream_record_is_base64():
    assert unmarshal({"B": "YWRh"}) == unmarshal({"B": b"ada"}) == b"ada"


def test_an_unknown_type_is_an_error():
    with pytest.raises(TypeError, match="unknown DynamoDB type"):
        unmarshal({"XX": ["1"]})


def test_no_item_stays_none():
    assert to_item(None) is None


class Client:
    """Takes one request and answers nothing."""

    def query(self, **request):
        self.request = request
        return {"Items": []}

    def update_item(self, **request):
        self.request = request
        return {}


def test_a_key_and_a_filter_share_no_placeholder():
    client = Client()
    Table(client, "t").query(Key("id").eq("a") & Key("at").between("b", "c"), where=Attr("id").ne("d"))
    request = client.request
    assert sorted(request["ExpressionAttributeValues"].items(), key=str) == [
        (name, {"S": letter})
        for name, letter in zip(sorted(request["ExpressionAttributeValues"]), "abcd", strict=True)
    ]
    used = request["KeyConditionExpression"] + request["FilterExpression"]
    assert all(
        name in used for name in (*request["ExpressionAttributeNames"], *request["ExpressionAttributeValues"])
    )


@pytest.mark.slow
@given(
    st.sets(st.text("abc", min_size=1), max_size=4),
    st.sets(st.text("def", min_size=1), max_size=4),
    st.sets(st.text("ghi", min_size=1), max_size=4),
    st.sets(st.text("jkl", min_size=1), max_size=4),
)
def test_an_update_names_every_attribute_once_and_by_its_clause(sets, firsts, adds, removes):
    client = Client()
    Table(client, "t").update(
        {"id": "x"},
        set=dict.fromkeys(sets, "s"),
        first=dict.fromkeys(firsts, "f"),
        add=dict.fromkeys(adds, 1),
        remove=sorted(removes),
        condition=Attr("version").eq(3),
    )
    request = client.request
    named = request["ExpressionAttributeNames"]
    assert sorted(named.values()) == sorted([*sets, *firsts, *adds, *removes, "version"])
    expression = request["UpdateExpression"]
    clauses = [("SET", sets | firsts), ("ADD", adds), ("REMOVE", removes)]
    assert [word for word, some in clauses if some] == [w for w in ("SET", "ADD", "REMOVE") if w in expression]


def test_a_dot_is_a_character_of_a_name_and_reaches_into_no_map():
    client = Client()
    Table(client, "t").update({"id": "x"}, add={"2026-03-01/legacy:a.b": 1})
    assert client.request["UpdateExpression"] == "ADD #n0 :v0"
    assert client.request["ExpressionAttributeNames"] == {"#n0": "2026-03-01/legacy:a.b"}


@pytest.mark.slow
@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_the_json_of_an_item_is_that_of_its_typed_form(item):
    assert item_json(item) == encode(from_item(item))
