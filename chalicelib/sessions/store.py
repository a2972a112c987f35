"""The table `sessions`. A session that ends leaves a tombstone, which leads to its event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from chalicelib import accounts
from chalicelib.core import clock
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.changes import Changes
from chalicelib.core.aws.dynamo import absent, unchanged
from chalicelib.core.aws.dynamo.conditions import Attr, Key
from chalicelib.core.aws.optimistic import optimistic
from chalicelib.core.errors import NotFound, Unauthenticated, Unavailable
from chalicelib.sessions import model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Action, Database, ResultPage, Table
    from chalicelib.core.aws.dynamo import Key as ItemKey
    from chalicelib.core.aws.dynamo.conditions import Condition
    from chalicelib.sessions.authentication import Method
    from chalicelib.sessions.rows import Reason, Session


class Sessions:
    """The rows of sessions. A write succeeds only if the row still has the version that was read."""

    def __init__(self, database: Database, sessions: Table[Session], people: accounts.People) -> None:
        self._database = database
        self._sessions = sessions
        self._people = people

    def start(self, session: Session, person: Person) -> None:
        """Store a new session of a person: one write. The first session of an imported person changes the person's row
        too, in one transaction. Raises Unauthenticated if that person was removed meanwhile."""
        if not accounts.is_awaited(person):
            self._sessions.put(session, absent())
            return
        try:
            self._people.enter(person, self._sessions.putting(session, absent()))
        except NotFound:
            raise Unauthenticated("the account is gone") from None

    def find_with_person(self, session_id: str, user_id: str) -> tuple[Session, Person] | None:
        """An open session and its person, read consistently in one call. None if the session has ended, or if the
        person was removed, is disabled, or had their sessions ended."""
        return self.in_use(self._database.batch_get(self.tables_and_keys(session_id, user_id)), user_id)

    def tables_and_keys(self, session_id: str, user_id: str) -> list[tuple[Table[Any], ItemKey]]:
        """The tables and keys of a session and its person, to read them in one batch with other rows."""
        return [(self._sessions, {"id": session_id}), self._people.table_and_key(user_id)]

    @staticmethod
    def in_use(rows: Sequence[Any], user_id: str) -> tuple[Session, Person] | None:
        """A session and its person as they were read, or None as `find_with_person` has it."""
        session, person = cast("tuple[Session | None, Person | None]", tuple(rows))
        if session is None or person is None or not records.is_live(session) or session["user_id"] != user_id:
            return None
        if not accounts.may_continue(person, session["id"], session["person_version"]):
            return None
        return session, person

    def find(self, session_id: str) -> Session | None:
        """A session, also one that has ended."""
        return self._sessions.get({"id": session_id})

    def find_own(self, session_id: str, user_id: str) -> Session | None:
        """A person's open session. None if it has ended or belongs to another person."""
        session = self._sessions.get({"id": session_id})
        return session if session and records.is_live(session) and session["user_id"] == user_id else None

    def replace(self, session: Session, next_version: Session) -> None:
        """Replace a session by its next version. Raises ConditionFailed, with the stored row, if another request has
        changed the session."""
        self._sessions.put(next_version, unchanged(session))

    def end(self, session: Session, reason: Reason) -> None:
        """End a session, whatever version it has by now. If it has already ended, nothing changes."""
        self._change(session, lambda present: model.ended(present, reason))

    def end_action(self, session: Session, reason: Reason) -> Action:
        """The action that ends a session, for a transaction with other actions."""
        return self._sessions.putting(model.ended(session, reason), unchanged(session))

    def leave_tombstone(self, session: Session) -> None:
        """End a session of a person who was removed, also one that has expired but is still stored."""

        def attempt(present: Session | None) -> None:
            if present is not None and "deleted_at" not in present:
                reason: Reason = "revoked" if records.is_live(present) else "expired"
                self.replace(present, model.ended(present, reason))

        optimistic(attempt, session, exhausted=_contended())

    def step_up(self, session_id: str, person: Person, methods: Sequence[Method], *, second_factor: bool) -> None:
        """Store that the session's person has just proved again who they are, by these methods. `person` is the row
        that was read before the proof. Raises Unauthenticated if the session has ended meanwhile."""
        session = self.find_own(session_id, person["id"])
        if not self._change(
            session, lambda present: model.stepped_up(present, person, methods, second_factor=second_factor)
        ):
            raise Unauthenticated("the session has ended")

    def _change(self, session: Session | None, decide: Callable[[Session], Session]) -> bool:
        """Write the next version of the session: what `decide` makes of the stored one. False if the session has
        ended."""

        def attempt(present: Session | None) -> bool:
            if present is None or not records.is_live(present):
                return False
            self.replace(present, decide(present))
            return True

        return optimistic(attempt, session, exhausted=_contended())

    def result_page_of(self, user_id: str, *, limit: int, start: ItemKey | None = None) -> ResultPage[Session]:
        """A result page of a person's open sessions, newest first. The index is about a second behind the table."""
        return self._sessions.query(
            Key("user_id").eq(user_id),
            index="user-index",
            where=_is_open(),
            limit=limit,
            start=start,
            newest_first=True,
        )

    def all_of(self, user_id: str) -> Iterator[Session]:
        """Every open session of a person, from the same index."""
        return self._sessions.query_all(Key("user_id").eq(user_id), index="user-index", where=_is_open())

    def remaining_of(self, user_id: str) -> Iterator[Session]:
        """Every session of a person except tombstones, from the same index."""
        no_tombstone = Attr("deleted_at").not_exists()
        return self._sessions.query_all(Key("user_id").eq(user_id), index="user-index", where=no_tombstone)

    def had_before(self, user_id: str, session_id: str) -> bool:
        """Whether the person had a session before that one, also one that has ended, from the same index: ids sort by
        their time."""
        earlier = Key("user_id").eq(user_id) & Key("id").lt(session_id)
        return bool(self._sessions.query(earlier, index="user-index", limit=1).items)


def _contended() -> Unavailable:
    return Unavailable("the session is being changed by others")


def _is_open() -> Condition:
    return Attr("deleted_at").not_exists() & Attr("expires_at").gt(clock.epoch())


def find(session_id: str) -> Session | None:
    """See `Sessions.find`."""
    return sessions().find(session_id)


def had_before(user_id: str, session_id: str) -> bool:
    """See `Sessions.had_before`."""
    return sessions().had_before(user_id, session_id)


def changes() -> Changes:
    """The changes of sessions, by their hour."""
    return Changes(clients.table("sessions"), ("id",))


def scanned(start: ItemKey | None = None) -> ResultPage[Session]:
    """A result page of the whole table, sessions and tombstones, from the key on at which the one before ended."""
    table: Table[Session] = clients.table("sessions")
    return table.scan(start)


@clients.once
def sessions() -> Sessions:
    """The stage's sessions."""
    return Sessions(clients.database(), clients.table("sessions"), accounts.people())
