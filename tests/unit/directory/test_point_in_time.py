"""A person as they were: what undoes any run of changes gives what there was at each moment, or says that it cannot."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import accounts
from chalicelib.accounts import model
from chalicelib.core import clock
from chalicelib.core.aws import records
from chalicelib.core.errors import Gone, NotFound, Unavailable
from chalicelib.directory.point_in_time import as_of
from chalicelib.event_bus.envelope import marked, redacted
from chalicelib.events.change import events_of, state_of
from tests.builders import a_person
from tests.conftest import NOW
from tests.unit.events.images import URL

NOW_AND_THEN = clock.timestamp(NOW)

words = st.text("abc ", min_size=1, max_size=5).filter(str.strip)
values = st.dictionaries(words, st.integers() | words, max_size=2)
CHANGES = st.one_of(
    st.fixed_dictionaries({}, optional={"name": words | st.none(), "attributes": values, "metadata": values}),
    st.fixed_dictionaries(
        {"email": st.sampled_from(["a@x.example", "b@x.example"]), "email_verified": st.booleans()}
    ),
    st.fixed_dictionaries({"age": st.integers(0, 120) | st.none(), "locale": st.sampled_from(["de", "en", None])}),
    st.fixed_dictionaries({"status": st.sampled_from(["active", "disabled"])}),
    st.fixed_dictionaries({"roles": st.lists(st.sampled_from(["admin", "support"]), unique=True)}),
    st.fixed_dictionaries({"birthdate": st.none(), "password_changed_at": words, "factors_changed_at": words}),
    st.fixed_dictionaries({"sessions_since": st.integers(1, 9)}),
)


def shown(person):
    return model.view(person, with_metadata=True)


def run(changes):
    """Each version of a person who is changed once a minute or so, two of them within the same, and all the events."""
    with clock.held(NOW):
        versions = [a_person(id="U1", name="Ada", email="ada@x.example", metadata={"plan": "tin"})]
        events = []
        for n, change in enumerate(changes):
            clock.tick(milliseconds=0 if n % 3 == 2 else 60_000)
            versions.append(accounts.changed(versions[-1], change))
            events += events_of("users", *versions[-2:], False, public_url=URL)
        return versions, events


def undone(record, events, moment, *, kept_since="0", settled_until="9"):
    return as_of(record, events, moment, kept_since=kept_since, settled_until=settled_until)


@pytest.mark.slow
@given(st.lists(CHANGES, max_size=9), st.randoms())
def test_every_moment_of_any_run_of_changes(changes, chance):
    versions, events = run(changes)
    chance.shuffle(events)
    for at, version in enumerate(versions):
        then = version["updated_at"]
        in_force = [other for other in versions[at:] if other["updated_at"] == then][-1]
        assert shown(undone(versions[-1], events, then)) == shown(in_force)
        later = clock.timestamp(clock.parse(then) + timedelta(seconds=59))
        assert shown(undone(versions[-1], events, later)) == shown(in_force)


@given(st.lists(CHANGES, min_size=2, max_size=9), st.randoms())
def test_a_moment_is_told_where_every_change_since_is_known_and_else_not(changes, chance):
    versions, events = run(changes)
    kept = [event for event in events if chance.random() < 0.6]
    known = {int(event["sequence"]) for event in kept}
    for version in versions:
        in_force = [other for other in versions if other["updated_at"] <= version["updated_at"]][-1]
        since = {other["version"] for other in versions if other["version"] > in_force["version"]}
        if since <= known:
            assert shown(undone(versions[-1], kept, version["updated_at"])) == shown(in_force)
        else:
            with pytest.raises(Gone, match="history does not tell what version"):
                undone(versions[-1], kept, version["updated_at"])


RENAMED = ({"name": "B"}, {"name": "C"})


def test_nobody_was_there_before_they_came():
    (first, *_, last), events = run(RENAMED)
    before = clock.timestamp(clock.parse(first["created_at"]) - timedelta(milliseconds=1))
    with pytest.raises(NotFound, match="there was no such person then"):
        undone(last, events, before)
    assert undone(last, events, first["created_at"])["name"] == "Ada"


def test_who_was_erased_was_there_but_is_told_no_more():
    (_first, *_, last), events = run(RENAMED)
    with clock.held(NOW + timedelta(hours=1)):
        gone = {"id": "U1", **records.tombstone(last)}
    with pytest.raises(Gone, match="deleted"):
        undone(gone, events, last["updated_at"])
    with pytest.raises(NotFound, match="there was no such person then"):
        undone(gone, events, gone["deleted_at"])


def test_what_is_older_than_history_is_not_told():
    (first, second, last), events = run(RENAMED)
    with pytest.raises(Gone, match="kept since"):
        undone(last, events, first["updated_at"], kept_since=second["updated_at"])
    assert undone(last, events, second["updated_at"], kept_since=second["updated_at"])["name"] == "B"


@pytest.mark.parametrize("instead", [None, redacted, lambda event: marked(event, "replayed") | {"data": {}}])
def test_a_change_that_history_does_not_tell_is_not_made_up(instead):
    (_first, second, last), (told, untold) = run(RENAMED)
    events = [told, *([instead(untold)] if instead else [])]
    assert undone(last, events, last["updated_at"])["name"] == "C"
    with pytest.raises(Gone, match="version 3"):
        undone(last, events, second["updated_at"])


def test_what_was_before_a_reconciled_change_is_gone():
    (_first, second, last), (told, _) = run(RENAMED)
    reconciled = marked(state_of("users", last, public_url=URL), "reconciled")
    assert undone(last, [told, reconciled], last["updated_at"])["name"] == "C"
    with pytest.raises(Gone, match="published late"):
        undone(last, [told, reconciled], second["updated_at"])


def test_a_change_that_is_on_its_way_is_waited_for():
    (_first, second, last), (told, _) = run(RENAMED)
    with pytest.raises(Unavailable) as met:
        undone(last, [told], second["updated_at"], settled_until=second["updated_at"])
    assert met.value.headers["Retry-After"]
