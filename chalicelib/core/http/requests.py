"""What the function of a route gets: a validated request, and who makes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from chalicelib.core.errors import Forbidden, PreconditionFailed, StepUpRequired, Unauthenticated
from chalicelib.core.http import step_up
from chalicelib.core.http.step_up import Proof

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.core.http.models import ListQuery


@dataclass(frozen=True)
class Caller:
    """Who is asking, as read from the tables in this very request: a person in a session, or a machine, which has
    neither session nor person."""

    id: str
    session_id: str
    roles: frozenset[str]
    user: Mapping[str, object]
    """The person as their table holds them, which only its package knows: `accounts.person_of`. Empty for a machine."""
    authenticated_at: int = 0
    """When they last signed in or stepped up, in seconds since 1970, with every factor that they have; of a machine,
    when it got its token by its secret."""
    second_factor: bool = False
    """Whether they proved two factors then, both of which they still have."""
    withheld: frozenset[str] = frozenset()
    """Roles of theirs that do not work in this session, for want of a second factor."""

    @property
    def is_person(self) -> bool:
        return bool(self.session_id)

    def require(self, proof: Proof) -> None:
        """Raises StepUpRequired where they proved who they are too long ago or too weakly, Forbidden for a machine
        where a person is asked for."""
        if proof >= Proof.PERSON and not self.is_person:
            raise Forbidden("only a person in a session may do this")
        if not self.has(proof):
            needs_factor = proof is Proof.SECOND_FACTOR
            raise StepUpRequired(
                step_up.STEP_UP_SECONDS, oauth_client=not self.is_person, second_factor=needs_factor
            )

    def has(self, proof: Proof) -> bool:
        """Whether `require` lets them through."""
        if proof >= Proof.PERSON and not self.is_person:
            return False
        if proof >= Proof.RECENT and not step_up.is_recent(self.authenticated_at):
            return False
        return self.second_factor or proof < Proof.SECOND_FACTOR


@dataclass(frozen=True)
class PageRequest:
    """The page of a list that a request asks for."""

    limit: int
    start: Any
    """Where it begins, as the store says it; None for the first page."""
    _bound_to: tuple[str, ...]

    def cursor(self, position: Any) -> str | None:
        """The cursor of the page that begins at this position; None where the list has ended."""
        from chalicelib.core.http import cursors

        return cursors.seal(position, *self._bound_to) if position else None


_VERSION_TAG = re.compile('"([0-9]{1,18})"')
"""The `ETag` of a record: its version, which is counted up by one."""

Body = TypeVar("Body")
Query = TypeVar("Query")
L = TypeVar("L", bound="ListQuery")


@dataclass(frozen=True)
class Request(Generic[Body, Query]):
    """What a route's function gets. `body` and `query` are validated; `caller` is None on open routes only."""

    id: str
    body: Body
    query: Query
    headers: Mapping[str, str]
    _find_source_ip: Callable[[], str]
    _caller: Caller | None = None
    _target: tuple[str, ...] = ()
    """The path of its route, and what the parameters of that name."""

    @cached_property
    def source_ip(self) -> str:
        """The IP address of the client, as far as trusted proxies tell it (`client_address`)."""
        return self._find_source_ip()

    @property
    def caller(self) -> Caller:
        """The signed-in caller. Raises Unauthenticated on a route open to anyone."""
        if self._caller is None:
            raise Unauthenticated
        return self._caller

    def page_request(self: Request[Any, L]) -> PageRequest:
        """The page that is asked for. A cursor is good for the list that it comes from alone: the same path, filters
        and caller. Raises Invalid for any other, and for one that is too old."""
        from chalicelib.core.http import cursors

        query = self.query
        filters = query.model_dump_json(exclude={"limit", "cursor"})
        bound_to = (*self._target, filters, self.caller.id)
        start = cursors.open_sealed(query.cursor, *bound_to) if query.cursor else None
        return PageRequest(query.limit, start, bound_to)

    @property
    def must_exist(self) -> bool:
        """Whether `If-Match: *` asks that there be something by now (RFC 9110, section 13.1.1). For a route that makes
        what there is not yet: any other says that it is not there."""
        return self.headers.get("if-match", "").strip() == "*"

    def expected_version(self) -> int | None:
        """The version that `If-Match` asks for, or None. Raises PreconditionFailed for one that no record has: also
        for a weak one, which matches nothing here (RFC 9110, section 13.1.1), and for several, of which one must."""
        tag = self.headers.get("if-match", "*").strip()
        if tag == "*":
            return None
        if not (named := _VERSION_TAG.fullmatch(tag)):
            raise PreconditionFailed("If-Match names no version of this record")
        return int(named[1])
