"""A database that crashes on purpose, or in which something happens meanwhile."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from chalicelib.read_model.database import Database
from tests.functional.faults import Crash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def _crash() -> NoReturn:
    raise Crash


class Crashing(Database):
    """Crashes before or after its n-th statement, or what takes its place at the end of a transaction, the commit."""

    def __init__(
        self, options: dict[str, Any], number: int, *, after: bool, crash: Callable[[], object] = _crash
    ) -> None:
        super().__init__(options)
        self.left, self.after, self.crash = number, after, crash

    def at(self, number: int) -> Crashing:
        """The same one, before another n."""
        self.left = number
        return self

    @contextmanager
    def transaction(self, **how: Any) -> Iterator[Any]:
        with super().transaction(**how) as transaction:
            self.wrapped = transaction
            yield self
        self._count()

    def run(self, sql: str, **parameters: Any) -> Any:
        return self._counted(lambda: self.wrapped.run(sql, **parameters))

    def value(self, sql: str, **parameters: Any) -> Any:
        return self._counted(lambda: self.wrapped.value(sql, **parameters))

    def script(self, sql: str) -> None:
        self._counted(lambda: self.wrapped.script(sql))

    @property
    def changed(self) -> int:
        return self.wrapped.changed

    def _counted(self, statement: Callable[[], Any]) -> Any:
        if not self.after:
            self._count()
        result = statement()
        if self.after:
            self._count()
        return result

    def _count(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.crash()
            raise Crash


class Meanwhile(Database):
    """Lets something happen, once, before its first transaction: what it writes then was read before that."""

    def __init__(self, options: dict[str, Any], act: Callable[[], object]) -> None:
        super().__init__(options)
        self._acts = [act]

    @contextmanager
    def transaction(self, **how: Any) -> Iterator[Any]:
        while self._acts:
            self._acts.pop()()
        with super().transaction(**how) as transaction:
            yield transaction
