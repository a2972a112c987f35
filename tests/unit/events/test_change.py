"""Every pair of an old and a new image, and the events that it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.errors import Malformed
from chalicelib.event_bus.envelope import DATA_LIMIT, VALUE_LIMIT, size_of
from chalicelib.events.catalog import CATALOG, CloudEvent, Omitted
from chalicelib.events.change import MARKS, events_of, state_of
from tests.unit.events.images import (
    AT,
    LATER,
    URL,
    client,
    item,
    job,
    membership,
    segment,
    session,
    tombstone,
    user,
)


def told(table, old, new, expired=False):
    """The events of a change, each of them checked against what is published of its type."""
    events = events_of(table, old, new, expired, public_url=URL)
    for event in events:
        check(event)
    return events


def check(event):
    assert CloudEvent.model_validate(event).model_dump(exclude_unset=True) == event
    model = Omitted if "data_omitted" in event["data"] else CATALOG[event["type"]]
    assert model.model_validate(event["data"]).model_dump(exclude_unset=True) == event["data"]


def types(events):
    return [event["type"] for event in events]


CONSENT = {"scopes": ["openid"], "resources": ["https://api.example"], "since": AT, "at": AT}

ONE = {"id": "I1", "connection": "corp", "linked_at": AT}
OTHER = {"id": "I2", "connection": "github", "linked_at": AT}

CHANGES = {
    "users": [
        (None, user(), ["user.registered", "user.confirmed"]),
        (None, user(email_verified=False), ["user.registered"]),
        (None, user(source="admin"), ["user.registered"]),
        (None, user(source="invitation", email_verified=False), ["user.invited"]),
        (None, user(source="import", import_job="J1"), ["user.imported"]),
        (tombstone(user()), user(3, source="import"), ["user.imported"]),
        (user(), user(2, name="Ada L."), ["user.updated"]),
        (user(), user(2, metadata={}), ["user.updated"]),
        (user(), user(2, import_job="J1", locale="de"), ["user.updated"]),
        (user(), user(2, sessions_since=LATER), ["user.updated"]),
        (user(), user(2, consents={"rcc_1": CONSENT}), ["consent.granted"]),
        (
            user(consents={"rcc_1": CONSENT}),
            user(2, consents={"rcc_1": {**CONSENT, "at": LATER}}),
            ["consent.granted"],
        ),
        (user(consents={"rcc_1": CONSENT}), user(2), ["consent.revoked"]),
        (
            user(consents={"rcc_1": CONSENT}),
            user(2, consents={"rcc_2": CONSENT}, name="Ada L."),
            ["consent.revoked", "consent.granted", "user.updated"],
        ),
        (user(consents={"rcc_1": CONSENT}), user(2, consents={"rcc_1": CONSENT}, name="A"), ["user.updated"]),
        (user(email_verified=False), user(2), ["user.confirmed"]),
        (user(), user(2, email="a@mail.example"), ["user.email_changed"]),
        (user(), user(2, email="a@mail.example", email_verified=False), ["user.email_changed"]),
        (user(), user(2, status="disabled"), ["user.disabled"]),
        (user(status="disabled"), user(2), ["user.enabled"]),
        (user(), user(2, roles=["admin"]), ["user.roles_changed"]),
        (user(roles=["admin"]), user(2), ["user.roles_changed"]),
        (user(), user(2, password_changed_at=LATER), ["user.password_changed"]),
        (user(password_changed_at=AT), user(2, password_changed_at=LATER), ["user.password_changed"]),
        (user(), user(2, password_reset_requested_at=LATER), ["user.password_reset_requested"]),
        (user(), user(2, factors_changed_at=LATER), ["user.factors_changed"]),
        (user(), user(2, identities=[ONE]), ["user.identity_linked"]),
        (user(identities=[ONE]), user(2, identities=[ONE, OTHER]), ["user.identity_linked"]),
        (user(identities=[ONE]), user(2), ["user.identity_unlinked"]),
        (user(identities=[ONE]), user(2, identities=[OTHER]), ["user.identity_unlinked", "user.identity_linked"]),
        (user(identities=[ONE]), user(2, identities=[ONE], name="A"), ["user.updated"]),
        (
            None,
            user(source="connection", identities=[ONE]),
            ["user.registered", "user.confirmed", "user.identity_linked"],
        ),
        (None, user(source="connection", email_verified=False), ["user.registered"]),
        (user(), user(2, birthday_on="2026-03-01"), ["user.birthday"]),
        (user(), user(2, blocked_at=LATER), ["session.blocked"]),
        (user(blocked_at=AT), user(2), ["user.updated"]),
        (user(), user(2, second_factor_failed_at=LATER), ["session.factor_failed"]),
        (user(invited_at=AT), user(2, invited_at=LATER), ["user.invited"]),
        (user(invited_at=AT, email_verified=False), user(2), ["user.confirmed"]),
        (
            user(email_verified=False),
            user(2, name="A", email="a@x.example", status="disabled", roles=["r"], **dict.fromkeys(MARKS, LATER)),
            [
                "user.confirmed",
                "user.email_changed",
                "user.password_reset_requested",
                "user.password_changed",
                "user.factors_changed",
                "user.birthday",
                "session.blocked",
                "user.invited",
                "session.factor_failed",
                "user.disabled",
                "user.roles_changed",
                "user.updated",
            ],
        ),
        (user(), tombstone(user()), ["user.deleted"]),
        (user(), None, ["user.deleted"]),
        (None, tombstone(user()), ["user.deleted"]),
        (user(), user(), []),
        (user(), user(name="the same version"), []),
        (tombstone(user()), None, []),
    ],
    "sessions": [
        (None, session(), ["session.started"]),
        (None, session(agent=None), ["session.started"]),
        (session(), session(2), []),
        (session(2), tombstone(session(2)), ["session.revoked"]),
        (session(2), tombstone(session(2), reason="password_changed"), ["session.revoked"]),
        (session(), tombstone(session(), reason="reuse"), ["session.revoked", "session.reuse_detected"]),
        (session(), None, ["session.revoked"]),
        (tombstone(session()), None, []),
    ],
    "items": [
        (None, item(), ["item.changed"]),
        (item(), item(2), ["item.changed"]),
        (item(), tombstone(item()), ["item.deleted"]),
        (tombstone(item()), item(3), ["item.changed"]),
        (item(), None, ["item.deleted"]),
        (tombstone(item()), None, []),
    ],
    "jobs": [
        (None, job(status="waiting"), []),
        (job(), job(2, counts={"created": 5}), []),
        (job(), job(2, status="finished"), ["import.finished"]),
        (job(), job(2, status="failed"), ["import.finished"]),
        (job(kind="export"), job(2, kind="export", status="finished"), ["export.finished"]),
        (job(kind="replay"), job(2, kind="replay", status="finished"), []),
        (job(kind="erasure"), job(2, kind="erasure", status="finished"), []),
        (job(2, status="finished"), job(3, status="finished"), []),
        (None, {"id": "J1", "part": "chunk#00001", "counts": {}}, []),
        ({"id": "J1", "part": "chunk#00001"}, None, []),
        (job(status="finished"), None, []),
    ],
    "clients": [
        (None, client(), ["client.created"]),
        (client(), client(2, name="Store"), ["client.changed"]),
        (None, client(2), ["client.changed"]),
        (client(), tombstone(client()), ["client.removed"]),
        (client(), None, ["client.removed"]),
        (tombstone(client()), None, []),
    ],
    "segments": [
        (None, membership(), ["segment.entered"]),
        (membership(), membership(2, left_at=LATER), ["segment.left"]),
        (None, membership(1, left_at=AT), ["segment.left"]),
        (membership(2, left_at=LATER), membership(3), ["segment.entered"]),
        (membership(), membership(), []),
        (membership(), None, []),
        (None, segment(), []),
        (segment(), segment(2, name="Calm"), []),
        (segment(), None, []),
        (None, {"id": "count#G1#2026-03-01", "hour_12": 3}, []),
    ],
}


@pytest.mark.parametrize(
    ("table", "old", "new", "expected"),
    [(table, *row) for table, rows in CHANGES.items() for row in rows],
)
def test_a_change_is_these_events_in_this_order(table, old, new, expected):
    events = told(table, old, new)
    assert types(events) == expected
    assert [event["id"].rpartition(":")[2] for event in events] == [str(n) for n in range(len(events))]


def test_every_type_is_told_by_some_change():
    seen = {kind for rows in CHANGES.values() for *_, expected in rows for kind in expected}
    assert seen | {"session.expired"} == {str(kind) for kind in CATALOG}


@pytest.mark.parametrize(("kept", "named"), [(None, {}), ("S1", {"sessionkept": "S1"})])
def test_the_first_event_says_that_the_change_ended_sessions(kept, named):
    """Also where its data are too large for it."""
    large = {f"field{n}": "x" * 1000 for n in range(20)}
    new = user(2, password_changed_at=LATER, roles=["r"], attributes=large, sessions_since=2, session_kept=kept)
    first, *others = told("users", user(), new)
    assert "data_omitted" in first["data"]
    assert {name: value for name, value in first.items() if name.startswith("session")} == {
        "sessionsended": "true",
        **named,
    }
    assert others
    assert not any(name.startswith("session") for event in others for name in event)


def test_a_later_change_does_not_say_so_again():
    (event,) = told(
        "users", user(2, sessions_since=2), user(3, name="Ada L.", sessions_since=2, session_kept="S1")
    )
    assert not {"sessionsended", "sessionkept"} & event.keys()


def test_an_event_is_the_record_s_own_word():
    (event,) = told("users", user(6), user(7, name="Ada L."))
    assert event == {
        "specversion": "1.0",
        "id": "users:U1:7:0",
        "source": URL,
        "type": "user.updated",
        "subject": "U1",
        "time": LATER,
        "datacontenttype": "application/json",
        "dataschema": f"{URL}/events/schemas/user.updated/1",
        "sequence": "000000000007",
        "requestid": "R1",
        "actor": "U9",
        "data": {
            "user": {
                "id": "U1",
                "email": "ada@mail.example",
                "email_verified": True,
                "name": "Ada L.",
                "age": 36,
                "attributes": {"team": "blue"},
                "roles": [],
                "status": "active",
                "created_at": AT,
            },
            "changed": ["name"],
            "previous": {"name": "Ada", "updated_at": LATER},
        },
    }


def test_nobody_known_is_nobody_named():
    (event,) = told("items", None, item(changed_by="", request_id=""))
    assert "actor" not in event
    assert "requestid" not in event


@pytest.mark.parametrize(
    ("old", "new", "bulk"),
    [
        (None, user(source="import", import_job="J1"), True),
        (user(), user(2, name="A", import_job="J1"), True),
        (user(import_job="J1"), user(2, name="A", import_job="J1"), False),
        (None, user(), False),
        (user(import_job="J1"), tombstone(user(import_job="J1")), False),
    ],
)
def test_what_an_import_does_is_marked_bulk(old, new, bulk):
    assert [event.get("bulk") for event in told("users", old, new)[:1]] == ["true" if bulk else None]


def test_the_first_members_of_a_filter_are_marked_bulk():
    assert [told("segments", None, membership(**row))[0].get("bulk") for row in ({}, {"bulk": True})] == [
        None,
        "true",
    ]


def test_a_membership_tells_the_segment_as_it_was_called_then():
    (event,) = told("segments", membership(), membership(2, segment_name="Calm", left_at=LATER))
    assert (event["id"], event["subject"]) == ("segments:G1/U1:2:0", "U1")
    assert event["data"] == {"segment": {"id": "G1", "name": "Calm"}, "entered_at": AT}


def test_a_user_id_with_a_slash_is_told_whole():
    (event,) = told("segments", None, membership(id="G1/a/b", user_id="a/b"))
    assert (event["id"], event["subject"]) == ("segments:G1/a/b:1:0", "a/b")


def test_previous_values_are_those_of_what_changed():
    (changed,) = told("users", user(), user(2, name="B", age=37, attributes={}, locale="de"))
    assert changed["data"]["changed"] == ["name", "age", "locale", "attributes"]
    assert changed["data"]["previous"] == {
        "name": "Ada",
        "age": 36,
        "locale": None,
        "attributes": {"team": "blue"},
        "updated_at": AT,
    }
    (moved,) = told("users", user(), user(2, email="new@mail.example"))
    assert moved["data"]["previous"] == {"email": "ada@mail.example", "updated_at": AT}
    (promoted,) = told("users", user(roles=["support"]), user(2, roles=["admin"]))
    assert promoted["data"]["previous"] == {"roles": ["support"], "updated_at": AT}


def test_each_event_of_a_change_has_all_that_undoes_it():
    old = user(email_verified=False, metadata={"plan": "tin"})
    events = told("users", old, user(2, status="disabled", roles=["r"], birthday_on="2026-03-01"))
    assert len(events) == 5
    for event in events:
        assert event["data"]["previous"] == {
            "email_verified": False,
            "metadata": {"plan": "tin"},
            "roles": [],
            "status": "active",
            "updated_at": AT,
        }


def test_a_new_person_was_nothing_before():
    for event in told("users", None, user()):
        assert "previous" not in event["data"]


@pytest.mark.parametrize("new", [tombstone(user()), None])
def test_a_deletion_tells_the_id_and_nothing_personal(new):
    (event,) = told("users", user(), new)
    assert event["data"] == {"user": {"id": "U1"}, "age_band": {"before": "30-39", "after": None}}
    assert event["id"] == "users:U1:2:0"


def test_the_end_of_a_session_tells_its_reason_and_not_its_device():
    (event,) = told("sessions", session(), tombstone(session(), reason="signed_out"))
    assert event["data"] == {"session": {"id": "S1"}, "reason": "signed_out"}
    assert event["subject"] == "U1"


@pytest.mark.parametrize(
    ("known", "told_as"), [({"new_device": True}, True), ({"new_device": False}, False), ({}, False)]
)
def test_a_session_s_start_tells_whether_the_device_is_new(known, told_as):
    (event,) = told("sessions", None, session(**known))
    assert event["data"]["new_device"] is told_as


def test_ttl_ends_a_session_when_it_was_to_end():
    (event,) = told("sessions", session(4), None, expired=True)
    assert (event["type"], event["id"]) == ("session.expired", "sessions:S1:5:0")
    assert event["time"] == "2026-03-31T23:33:20.000Z"


@pytest.mark.parametrize(
    "old", [tombstone(session()), tombstone(user()), tombstone(item()), job(status="finished")]
)
def test_ttl_removes_a_tombstone_or_a_job_in_silence(old):
    table = {"S1": "sessions", "U1": "users", "J1": "jobs"}.get(old.get("id"), "items")
    assert told(table, old, None, expired=True) == []


def test_an_items_value_rides_along_up_to_8_kb():
    (small,) = told("items", None, item(value={"a": [1, None]}))
    assert small["data"]["value"] == {"a": [1, None]}
    assert small["id"] == "items:U1/theme:1:0"
    (largest,) = told("items", None, item(value="x" * (VALUE_LIMIT - 2)))
    assert len(largest["data"]["value"]) == VALUE_LIMIT - 2
    (large,) = told("items", None, item(value="x" * (VALUE_LIMIT - 1)))
    assert large["data"] == {"key": "theme", "at": AT, "size": VALUE_LIMIT + 1, "sha256": "00ff"}


def test_data_above_16_kb_becomes_a_link():
    (event,) = told("users", user(attributes={"a": "x" * 8000}), user(2, attributes={"a": "ä" * 4096}))
    assert event["data"] == {"data_omitted": True, "reason": "size", "link": f"{URL}/users/U1?at={LATER}"}


@pytest.mark.parametrize(
    ("table", "record"),
    [
        ("users", {"id": "U1"}),
        ("users", {"id": "U1", "version": 1}),
        ("sessions", {"id": "S1", "version": 1, "updated_at": AT}),
        ("items", {"user_id": "U1", "version": 1, "updated_at": AT}),
    ],
)
def test_a_record_without_what_all_carry_is_malformed(table, record):
    with pytest.raises(Malformed, match=table):
        events_of(table, None, record, False, public_url=URL)


SECRET = st.sampled_from(["refresh_hash", "previous_hash", "password_hash", "totp_secret", "unheard_of"])
FIELDS = st.dictionaries(
    st.sampled_from(["name", "locale", "status", "source", "agent", "reason", *MARKS]), st.text(max_size=5)
)


@pytest.mark.slow
@given(name=SECRET, old=st.none() | FIELDS, new=FIELDS, table=st.sampled_from(["users", "sessions"]))
def test_no_event_holds_an_attribute_that_is_not_meant_for_it(name, old, new, table):
    make = user if table == "users" else session
    secret = {name: "canary"}
    before = None if old is None else make(**{**old, **secret})
    events = events_of(table, before, make(2, **{**new, **secret}), False, public_url=URL)
    assert "canary" not in str(events)


@pytest.mark.slow
@given(attributes=st.dictionaries(st.text(max_size=20), st.text(max_size=9000), max_size=3))
def test_no_data_is_above_its_limit(attributes):
    for event in events_of("users", user(), user(2, attributes=attributes), False, public_url=URL):
        assert size_of(event["data"]) <= DATA_LIMIT


@pytest.mark.parametrize(
    ("table", "record", "event_id", "kind"),
    [
        ("users", user(), "users:U1:1:0", "user.registered"),
        ("users", user(5), "users:U1:5:0", "user.updated"),
        ("users", tombstone(user(5)), "users:U1:6:0", "user.deleted"),
        ("sessions", session(), "sessions:S1:1:0", "session.started"),
        ("sessions", session(4), "sessions:S1:1:0", "session.started"),
        ("sessions", tombstone(session(4), reason="reuse"), "sessions:S1:5:0", "session.revoked"),
        ("items", item(3), "items:U1/theme:3:0", "item.changed"),
        ("items", tombstone(item(3)), "items:U1/theme:4:0", "item.deleted"),
        ("jobs", job(3, status="finished"), "jobs:J1:3:0", "import.finished"),
    ],
)
def test_a_record_alone_tells_its_last_news(table, record, event_id, kind):
    event = state_of(table, record, public_url=URL)
    assert (event["id"], event["type"]) == (event_id, kind)
    check(event)


def test_a_session_s_start_is_told_as_it_was_then():
    event = state_of("sessions", session(4), public_url=URL)
    assert (event["time"], event["sequence"]) == (AT, "000000000001")
    assert "requestid" not in event


@pytest.mark.parametrize("record", [job(), job(kind="replay", status="finished")])
def test_a_job_that_runs_or_that_nobody_waits_for_is_no_news(record):
    assert state_of("jobs", record, public_url=URL) is None


@given(
    table_rows=st.sampled_from(
        [(table, row) for table, rows in CHANGES.items() for row in rows if row[0] is None and row[2]]
    )
)
def test_stream_and_sweep_call_a_first_version_by_the_same_id_and_type(table_rows):
    table, (_, new, _) = table_rows
    first = events_of(table, None, new, False, public_url=URL)[0]
    assert state_of(table, new, public_url=URL) == first
