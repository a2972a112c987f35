"""The table `sessions`. A session that ends leaves a tombstone, from which its event is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from boto3.dynamodb.conditions import Attr, Key

from chalicelib import accounts
from chalicelib.core import clock
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.changes import Changes
from chalicelib.core.aws.dynamo import absent, unchanged
from chalicelib.core.aws.optimistic import optimistic
from chalicelib.core.errors import NotFound, Unauthenticated, Unavailable
from chalicelib.sessions import model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import (
        Action,
        Database,
        Item,
        ResultPage,
        Table,
    )


class Sessions:
    """Sessions, each written under the version that was read."""

    def __init__(self, database: Database, sessions: Table, people: accounts.People) -> None:
        self._database = database
        self._sessions = sessions
        self._people = people

    def start(self, session: Item, person: Person) -> None:
        """Keep a new session of this person: one write. The first one of somebody who was imported says so of them
        too, in one transaction. Raises Unauthenticated where they went meanwhile."""
        if not accounts.is_awaited(person):
            self._sessions.put(session, absent())
            return
        try:
            self._people.enter(person, self._sessions.putting(session, absent()))
        except NotFound:
            raise Unauthenticated("the account is gone") from None

    def find_with_person(self, session_id: str, user_id: str) -> tuple[Item, Person] | None:
        """A session that goes on and its person, read consistently in one call; None where either has ended."""
        keys: list[tuple[Table[Any], dict[str, Any]]] = [
            (self._sessions, {"id": session_id}),
            self._people.place(user_id),
        ]
        session, found = self._database.batch_get(keys)
        person = cast("Person | None", found)
        if session is None or person is None or not records.is_live(session) or session["user_id"] != user_id:
            return None
        if not accounts.may_continue(person, session_id, session["person_version"]):
            return None
        return session, person

    def find(self, session_id: str) -> Item | None:
        """A session, also one that has ended."""
        return self._sessions.get({"id": session_id})

    def find_own(self, session_id: str, user_id: str) -> Item | None:
        """A person's session, or None where it has ended or is another's."""
        session = self._sessions.get({"id": session_id})
        return session if session and records.is_live(session) and session["user_id"] == user_id else None

    def replace(self, session: Item, following: Item) -> None:
        """Put the next version in place of this one. Raises ConditionFailed with what it met instead."""
        self._sessions.put(following, unchanged(session))

    def end(self, session: Item, reason: model.Reason) -> None:
        """End a session, whatever version it has by now. Ending it again changes nothing."""
        self._change(session, lambda present: model.ended(present, reason))

    def ending(self, session: Item, reason: model.Reason) -> Action:
        """The action that ends a session, for who ends it in one transaction with something else."""
        return self._sessions.putting(model.ended(session, reason), unchanged(session))

    def bury(self, session: Item) -> None:
        """End a session of somebody who is gone, also where it has expired and only DynamoDB has not removed it."""

        def attempt(present: Item | None) -> None:
            if present is not None and "deleted_at" not in present:
                reason: model.Reason = "revoked" if records.is_live(present) else "expired"
                self.replace(present, model.ended(present, reason))

        optimistic(attempt, session, exhausted=_contended())

    def step_up(self, session_id: str, person: Person, *, second_factor: bool) -> None:
        """Note that the session's person, as they were read before, has just proved again who they are. Raises
        Unauthenticated where it has ended meanwhile."""
        session = self.find_own(session_id, person["id"])
        if not self._change(
            session, lambda present: model.stepped_up(present, person, second_factor=second_factor)
        ):
            raise Unauthenticated("the session has ended")

    def _change(self, session: Item | None, decide: Callable[[Item], Item]) -> bool:
        """Put what `decide` makes of the session, whatever version it has by now, in its place: False for one that
        has ended."""

        def attempt(present: Item | None) -> bool:
            if present is None or not records.is_live(present):
                return False
            self.replace(present, decide(present))
            return True

        return optimistic(attempt, session, exhausted=_contended())

    def page_of(self, user_id: str, *, limit: int, start: Item | None = None) -> ResultPage:
        """A person's sessions that go on, newest first, from an index that follows within a second or so."""
        return self._sessions.query(
            Key("user_id").eq(user_id),
            index="user-index",
            where=_going_on(),
            limit=limit,
            start=start,
            newest_first=True,
        )

    def all_of(self, user_id: str) -> Iterator[Item]:
        """Every session of a person that goes on, from the same index."""
        return self._sessions.query_all(Key("user_id").eq(user_id), index="user-index", where=_going_on())

    def left_by(self, user_id: str) -> Iterator[Item]:
        """Every session of a person that is no tombstone, from the same index."""
        left = Attr("deleted_at").not_exists()
        return self._sessions.query_all(Key("user_id").eq(user_id), index="user-index", where=left)

    def has_other(self, user_id: str, session_id: str) -> bool:
        """Whether the person had any other session, also one that has ended, from the same index."""
        page = self._sessions.query(Key("user_id").eq(user_id), index="user-index", limit=2)
        return any(row["id"] != session_id for row in page.items)


def _contended() -> Unavailable:
    return Unavailable("the session is being changed by others")


def _going_on() -> Attr:
    return Attr("deleted_at").not_exists() & Attr("expires_at").gt(clock.epoch())


def find(session_id: str) -> Item | None:
    """See `Sessions.find`."""
    return sessions().find(session_id)


def has_other(user_id: str, session_id: str) -> bool:
    """See `Sessions.has_other`."""
    return sessions().has_other(user_id, session_id)


def changes() -> Changes:
    """The changes of sessions, by their hour."""
    return Changes(clients.table("sessions"), ("id",))


@clients.once
def sessions() -> Sessions:
    """The stage's sessions."""
    return Sessions(clients.database(), clients.table("sessions"), accounts.people())
