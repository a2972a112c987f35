"""A database that crashes on purpose, or in which something happens meanwhile."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from chalicelib.read_model.database import Database, Transaction
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
            yield _Counted(transaction, self)
        self.count()

    def count(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.crash()
            raise Crash


class _Counted(Transaction):
    """Counts each statement of a transaction."""

    def __init__(self, transaction: Transaction, database: Crashing) -> None:
        super().__init__(transaction._connection)
        self._database = database

    def run(self, sql: str, **parameters: Any) -> list[list[Any]]:
        with self._counted():
            return super().run(sql, **parameters)

    def script(self, sql: str) -> None:
        with self._counted():
            super().script(sql)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        if not self._database.after:
            self._database.count()
        yield
        if self._database.after:
            self._database.count()


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
