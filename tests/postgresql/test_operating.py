"""What operators have done to a read model, and what time alone does to it."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import records
from chalicelib.core.errors import Malformed
from chalicelib.core.settings import settings
from chalicelib.read_model.database import database
from chalicelib.read_model.maintenance import maintain
from chalicelib.read_model.migrating import migrations
from chalicelib.read_model.operating import operate
from chalicelib.read_model.writing import make_partitions, partitions


def ago(**delta):
    return clock.timestamp(clock.now() - timedelta(**delta))


def rows(database, sql):
    with database.transaction() as transaction:
        return [value for (value,) in transaction.run(sql)]


def months(database):
    with database.transaction() as transaction:
        return [month for _, month in partitions(transaction)]


def write(database, *statements):
    with database.transaction() as transaction:
        for sql in statements:
            transaction.script(sql)


def an_event(database, event_id, time, subject="U1", previous="null"):
    with database.transaction() as transaction:
        make_partitions(transaction, [time])
        transaction.run(
            "INSERT INTO events (id, time, type, subject, version, bulk, previous, sessions_ended)"
            " VALUES (:id, :time, 'user.updated', :subject, 1, false, CAST(:previous AS jsonb), false)",
            id=event_id,
            time=time,
            subject=subject,
            previous=previous,
        )


def test_a_statement_of_several_packets_waits_for_no_acknowledgement(read_model):
    """How long it would wait is 40 ms on Linux (`TCP_DELACK_MIN`): `python -m benchmarks read_model` shows it."""
    with read_model.transaction() as transaction:
        transaction.run("SELECT 1")
    assert read_model._connection._usock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_migrating_twice_applies_nothing_the_second_time(read_model):
    newest = migrations()[-1].number
    assert operate({"do": "migrate"}) == {"applied": [], "version": newest}
    write(read_model, "DROP SCHEMA rollcall CASCADE")
    done = operate({"do": "migrate"})
    assert done == {"applied": [migration.name for migration in migrations()], "version": newest}


@pytest.mark.parametrize("event", [{"do": "drop"}, {}, "migrate", None], ids=repr)
def test_nothing_but_what_it_knows_is_done(event):
    with pytest.raises(Malformed, match="one of migrate"):
        operate(event)


def test_no_question_that_nobody_knows_is_answered():
    from chalicelib.read_model.answers import answer

    with pytest.raises(Malformed, match="must have a question"):
        answer({"question": "DROP TABLE people"})


@pytest.mark.parametrize(
    ("now", "expected"),
    [("2026-01-31T12:00:00.000Z", ["2026-01", "2026-02"]), ("2026-12-01T00:00:00.000Z", ["2026-12", "2027-01"])],
)
def test_this_month_and_the_next_have_a_partition(read_model, now, expected):
    with clock.held(clock.parse(now)):
        maintain()
        maintain()
    assert months(read_model) == expected


def test_what_is_older_than_the_history_goes(read_model):
    an_event(read_model, "long ago", ago(days=200))
    an_event(read_model, "over", ago(days=30, minutes=1))
    an_event(read_model, "there", ago(days=29))
    write(
        read_model,
        *(
            f"INSERT INTO sessions (id, user_id, expires_at, ended_at) VALUES ({values})"
            for values in (
                f"'ended', 'U1', '{ago(days=-30)}', '{ago(days=31)}'",
                f"'expired', 'U1', '{ago(days=31)}', NULL",
                f"'there', 'U1', '{ago(days=29)}', NULL",
                "'unfinished', 'U1', NULL, NULL",
            )
        ),
    )
    with settings.held(history_days=30):
        maintain()
        database().close()  # other settings have clients of their own
    assert rows(read_model, "SELECT id FROM events") == ["there"]
    assert sorted(rows(read_model, "SELECT id FROM sessions")) == ["there", "unfinished"]
    assert min(months(read_model)) >= ago(days=30)[:7]


def test_tombstones_are_kept_as_long_as_anything_may_come_late(read_model):
    days = records.tombstone_days()
    write(
        read_model,
        *(
            f"INSERT INTO tombstones VALUES ('people', '{owner}', '', 2, '{moment}')"
            for owner, moment in (("over", ago(days=days, minutes=1)), ("kept", ago(days=days - 1)))
        ),
    )
    maintain()
    assert rows(read_model, "SELECT owner FROM tombstones") == ["kept"]


def test_what_is_left_of_a_removed_person_is_erased(read_model):
    write(read_model, f"INSERT INTO tombstones VALUES ('people', 'U1', '', 2, '{ago(days=1)}')")
    write(read_model, *(f"INSERT INTO memberships VALUES ('S1', '{user}', 1, now())" for user in ("U1", "U2")))
    an_event(read_model, "theirs", ago(days=2), previous='{"email": "a@example.com"}')
    maintain()
    assert "U1" not in rows(read_model, "SELECT user_id FROM memberships")
    assert rows(read_model, "SELECT previous FROM events") == [None]


def test_views_are_counted_every_hour(read_model):
    write(read_model, "INSERT INTO sessions (id, user_id, started_at) VALUES ('S1', 'U1', now())")
    maintain()
    assert rows(read_model, "SELECT sign_ins FROM sign_ins") == [1]
