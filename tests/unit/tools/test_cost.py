"""What a month costs: the promise beside Cognito, and the arithmetic of prices."""

from __future__ import annotations

from dataclasses import fields, replace
from xml.etree import ElementTree as ET

import pytest

from infra.prices import PRICES, Price
from tools.cost import bill, plot
from tools.cost.__main__ import SIZES, compared
from tools.cost.load import Load, load_of
from tools.cost.rivals import RIVALS

ESSENTIALS = RIVALS["Cognito Essentials"]
SHARE = 0.05
SIGN_INS_ALONE = Load(refreshes=0, reads=0)


@pytest.mark.parametrize("load", [Load(), SIGN_INS_ALONE])
def test_a_hundred_thousand_people_who_sign_in_thirty_times_cost_a_twentieth_of_essentials(load):
    assert (load.users, load.signins) == (100_000, 30)
    assert 10 < bill.charged(load) <= SHARE * ESSENTIALS.after_free(load.users)


def test_by_the_list_it_is_little_more():
    by_list = sum(line.by_list for line in bill.bill(Load()))
    assert by_list <= 0.06 * ESSENTIALS.of(100_000)


@pytest.mark.slow
def test_what_a_person_costs_does_not_grow_with_their_number():
    """By the list: what is free is a larger share of few people's."""
    dear = [sum(line.by_list for line in bill.bill(Load(users=size))) / size for size in SIZES]
    assert dear == sorted(dear, reverse=True)
    used = {size: bill.units(Load(users=size)) for size in (1_000, 10_000_000)}
    for unit in ("API requests", "write units", "read units", "mails"):
        few, many = (used[size][unit] / size for size in used)
        assert many <= few, unit


@pytest.mark.slow
@pytest.mark.parametrize("field", [field.name for field in fields(Load)])
def test_more_of_anything_costs_more(field):
    few = Load(endpoints=1, signouts=0.5)
    assert bill.charged(replace(few, **{field: getattr(few, field) + 1})) > bill.charged(few)


def test_every_unit_that_is_used_is_on_the_bill():
    named = [unit for units in bill.SERVICES.values() for unit in units]
    assert len(named) == len(set(named))
    assert set(bill.units(Load())) <= set(named)


def test_prices_fall_by_steps_and_the_first_units_are_free():
    price = Price(2.0, "https://aws.amazon.com/", free=10, steps=((100, 1.0), (1000, 0.5)))
    assert [price.of(count) for count in (0, 100, 200, 2000)] == [0, 200, 300, 200 + 900 + 500]
    assert [price.after_free(count) for count in (5, 10, 11, 200)] == [0, 0, 2, 280]


def test_every_price_has_a_page():
    assert all(price.source.startswith("https://aws.amazon.com/") for price in PRICES.values())


@pytest.mark.parametrize(("users", "dollars"), [(10_000, 0), (100_000, 495), (1_000_000, 495 + 4_140)])
def test_lite_costs_what_cognito_reckons(users, dollars):
    """https://aws.amazon.com/cognito/pricing/ has 10,000 free, $0.0055 up to 100,000 and $0.0046 up to a million."""
    assert RIVALS["Cognito Lite"].after_free(users) == pytest.approx(dollars)


def test_a_load_is_given_by_names_and_numbers():
    assert load_of(["USERS=1000000", "SIGNINS=12.5"]) == Load(users=1_000_000, signins=12.5)
    with pytest.raises(ValueError, match="USER is none of USERS, SIGNINS"):
        load_of(["USER=1"])


@pytest.mark.slow
def test_the_picture_has_a_line_for_each():
    series = compared(Load())
    picture = ET.fromstring(plot.svg("a & b", SIZES, series))
    drawn = [element for element in picture.iter() if element.tag.endswith("polyline")]
    assert len(drawn) == len(series) == 4
