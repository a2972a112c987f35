"""The filter language: what a text means, and what is said of one that means nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core import clock
from chalicelib.core.errors import Invalid
from chalicelib.profile.fields import FIELDS
from chalicelib.read_model.filters import parse, to_sql
from chalicelib.read_model.filters.fields import fields_for
from chalicelib.read_model.filters.limits import DEPTH, LENGTH, LISTED, PARTS
from chalicelib.read_model.filters.times import EARLIEST, LATEST, relative

ADMIN, SUPPORT = ("admin",), ("support",)
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


def read(text, roles=ADMIN):
    return parse(text, roles=roles)


def refusal(text, roles=ADMIN):
    with pytest.raises(Invalid) as refused:
        read(text, roles)
    (error,) = refused.value.errors
    assert error["field"] == "q"
    return error["message"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        ("  Ada   LOVELACE ", '"ada" and "lovelace"'),
        ('"Ada Lovelace", Élodie', '"ada lovelace" and "elodie"'),
        ("ada or bob carol", '"ada" or ("bob" and "carol")'),
        ("(ada or bob) and carol", '("ada" or "bob") and "carol"'),
        ("not ada bob", 'not "ada" and "bob"'),
        ("NOT (ada OR bob)", 'not ("ada" or "bob")'),
        ('"or" and "not"', '"or" and "not"'),
        ("age>=18 age<30", "age >= 18 and age < 30"),
        ("age = 18..30", "age = 18..30"),
        ("age: 18..", "age = 18.."),
        ("age != ..30", "not age = ..30"),
        ("age in (18, 20..30,null)", "age in (18, 20..30, null)"),
        ("name = Ada", 'name = "ada"'),
        ('name ~ "de Vries"', 'name : "de vries"'),
        ("name = null", "name = null"),
        ('name = "null"', 'name = "null"'),
        ("email_verified = TRUE", "email_verified = true"),
        ("email_domain = ACME.example", 'email_domain = "acme.example"'),
        ("status != active", 'not status = "active"'),
        ("roles : admin", 'roles = "admin"'),
        ("birthdate < 2000-01-31", "birthdate < 2000-01-31"),
        ("created_at = 2026-01-01..2026-01-31", "created_at = 2026-01-01..2026-01-31"),
        ("created_at > 2026-01-31T12:00:00+02:00", "created_at > 2026-01-31T10:00:00+00:00"),
        ("last_sign_in_at < -30d", "last_sign_in_at < -30d"),
        ("created_at = -3mo..NOW", "created_at = -3mo..now"),
        ("attributes.plan = pro", 'attributes."plan" = "pro"'),
        ("attributes.address.city : Osa", 'attributes."address"."city" : "Osa"'),
        ('attributes."odd \\"name\\"".x != null', 'not attributes."odd \\"name\\""."x" = null'),
        ('attributes.a."b.c".d=1', 'attributes."a"."b.c"."d" = 1'),
        ('metadata.tier in (1, 1.5, "1", true, 007)', 'metadata."tier" in (1, 1.5, "1", true, "007")'),
        ("attributes.since < -1y", 'attributes."since" < -1y'),
        ("attributes.since = -1y", 'attributes."since" = "-1y"'),
        ("identities.connection = google", 'identities.connection = "google"'),
        ("segment in (a, b)", 'segment in ("a", "b")'),
        ("items = null", "items = null"),
        ('attributes.note "x"', '"attributes.note" and "x"'),
    ],
)
def test_a_text_is_read_and_written_in_one_form(text, written):
    filter_ = read(text)
    assert filter_.text == written
    assert read(filter_.text) == filter_


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ada and", "at character 8: a text or a comparison is missing here"),
        ("or ada", "at character 1: a text or a comparison is missing here"),
        ("()", "at character 2: a text or a comparison is missing here"),
        ("ada (bob", "at character 5: this ( is not closed"),
        ("ada) bob", "at character 4: there is no ( for this )"),
        ('name = "Ada', "at character 8: the quote does not end"),
        ("age >", "at character 6: a value is missing here"),
        ("age >= null", "at character 8: null is neither before nor after"),
        ("age = ten", "at character 7: age is a whole number"),
        ("age = 1.5", "at character 7: age is a whole number"),
        ("age = ..", "at character 7: a range needs a value"),
        ("age in (1 2)", "at character 11: a , or a ) is missing in the list"),
        ("age in (1, 2", "at character 13: a , or a ) is missing in the list"),
        ("email_verified = yes", "at character 18: email_verified is true or false"),
        ("email_verified > false", "at character 18: email_verified has no order"),
        ("status = gone", "at character 10: status is one of active, disabled"),
        ("roles < admin", "at character 9: roles has no order"),
        ("birthdate = 2001-02-29", "at character 13: birthdate is compared with a date"),
        ("birthdate = 2001-02-28T12:00:00Z", "at character 13: birthdate is compared with a date like"),
        ("created_at > yesterday", "at character 14: created_at is compared with a date or RFC 3339 time"),
        (
            "created_at > 2026-01-31T12:00:00",
            "at character 14: created_at is compared with a date or RFC 3339 time",
        ),
        ("attributes = null", "at character 1: name a member of it, like attributes.plan"),
        ("attributes..x = 1", "at character 1: name a member of it"),
        ("attributes.a = true..", "at character 16: true and false have no order"),
        ("attributes.a = 1..b", "at character 16: a range is from number to number or from text to text"),
        ("age.x = 1", "at character 1: age has no members"),
        ("foo:bar", "at character 1: there is no field foo: the fields are id, email,"),
        ("x https://a.example", "at character 3: there is no field https"),
        ("name : ''", None),
        ('name : ""', "at character 8: a text is missing here"),
        ("ada !!", "at character 5: a text to search for has at least one letter or digit"),
        ("= 3", "at character 1: a text or a comparison is missing here"),
    ],
)
def test_what_means_nothing_is_refused_where_it_is_wrong(text, message):
    if message is None:
        assert read(text).text
    else:
        assert refusal(text).startswith(message)


@pytest.mark.parametrize(
    "text",
    [
        "(" * (DEPTH + 1) + "a" + ")" * (DEPTH + 1),
        "not " * (DEPTH + 1) + "a",
        "a " * (PARTS + 1),
        f"age in ({','.join(['1'] * (LISTED + 1))})",
        "x" * (LENGTH + 1),
        "attributes.a.b.c.d.e.f.g.h.i = 1",
    ],
)
def test_a_filter_has_limits(text):
    assert re.search("at most", refusal(text))
    assert read("(" * DEPTH + "a" + ")" * DEPTH)
    assert read("a " * PARTS)


def test_support_has_no_field_that_it_does_not_see():
    hidden = set(fields_for(ADMIN)) - set(fields_for(SUPPORT))
    assert hidden == {"metadata", "items"}
    for text in ("metadata.tier = 1", "items = cart"):
        message = refusal(text, SUPPORT)
        assert "there is no field" in message
        assert not re.search("metadata|items", message.partition("the fields are")[2])
        assert read(text).is_for_administrators
    assert not read("attributes.tier = 1").is_for_administrators
    assert read('metadata."tier" ada', SUPPORT).text == '"metadata." and "tier" and "ada"'


def test_each_field_of_a_person_is_one_of_a_filter():
    assert set(FIELDS) - {"identities"} <= set(fields_for(ADMIN))


def test_what_a_filter_says_of_itself():
    timed = read("ada and not (age > 3 or created_at in (2026-01-01, -3d..))")
    assert (timed.is_timed, timed.fields) == (True, {"age", "created_at"})
    assert not read("created_at < 2026-01-01").is_timed
    assert read("attributes.until < now").is_timed
    assert read(" , ").is_everyone
    assert read("segment in (a, b) or segment != null").segments == {"a", "b", ""}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", "2026-03-31T12:00:00.000Z"),
        ("-0d", "2026-03-31T12:00:00.000Z"),
        ("-90min", "2026-03-31T10:30:00.000Z"),
        ("-12h", "2026-03-31T00:00:00.000Z"),
        ("+1d", "2026-04-01T12:00:00.000Z"),
        ("-2w", "2026-03-17T12:00:00.000Z"),
        ("-1mo", "2026-02-28T12:00:00.000Z"),
        ("-13mo", "2025-02-28T12:00:00.000Z"),
        ("+9mo", "2026-12-31T12:00:00.000Z"),
        ("-1y", "2025-03-31T12:00:00.000Z"),
    ],
)
def test_a_relative_time(text, moment):
    assert clock.timestamp(relative(text).at(NOW)) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [("-99999y", EARLIEST), ("+99999mo", LATEST), ("-99999w", None), ("+99999d", None), ("+7974y", LATEST)],
)
def test_no_relative_time_is_beyond_the_calendar(text, moment):
    assert relative(text).at(NOW) == (moment or relative(text).at(NOW))


@pytest.mark.parametrize("text", ["-7", "7d", "-7D", "- 7d", "-123456d", "today"])
def test_what_is_no_relative_time(text):
    assert relative(text) is None


def test_a_relative_time_counts_from_when_it_is_asked():
    with clock.held(NOW):
        assert to_sql(read("created_at >= -1d"))[1] == {"f1": "2026-03-30T12:00:00+00:00"}
        assert to_sql(read("birthdate >= -18y"))[1] == {"f1": "2008-03-31"}
        assert to_sql(read("attributes.until < now"))[1]["f2"] == '{"value": "2026-03-31T12:00:00.000Z"}'
    assert to_sql(read("created_at >= now"), now=EARLIEST)[1] == {"f1": "0001-01-01T00:00:00+00:00"}


ODD = "o'x -- ; DROP \u00e9\u0000\\%_:f1 $1 ? \" {0} %s"


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "name = {}",
        "name : {}",
        "locale : {}",
        "id in ({}, a)",
        "roles = {}",
        "attributes.{} = {}",
        "attributes.{}.{} > {}",
        "attributes.{} : {}",
        "metadata.x = {}..{}",
        "identities.connection in ({})",
        "segment != {}",
        "items = {}",
        "attributes.{} != null",
    ],
)
def test_no_value_and_no_member_is_in_the_sql(text):
    """With other values, and other names of members, the SQL is the same."""
    written = {
        to_sql(read(text.replace("{}", value)))[0]
        for value in ('"abcd"', '"ef gh"', '"' + ODD.replace("\\", "\\\\").replace('"', '\\"') + '"')
    }
    assert len(written) == 1
    (sql,) = written
    assert not re.search("abcd|ef gh|DROP", sql)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        filter_ = read(text)
    except Invalid:
        return
    assert read(filter_.text) == filter_
    sql, parameters = to_sql(filter_)
    assert set(re.findall(r":(f\d+)", sql)) == set(parameters)


@given(
    st.lists(
        st.sampled_from([*'()",=<>:~!. ', "and", " or ", "not ", "in(", "age", "name", "attributes.", "-7d", "1"])
    )
)
def test_any_mix_of_its_signs_is_read_or_refused(parts):
    test_any_text_is_read_or_refused.hypothesis.inner_test("".join(parts))
