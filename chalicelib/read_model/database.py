"""The connection to the read model's PostgreSQL: one for each process, opened on first use and again after it broke.

Lambda runs one invocation at a time in a process, so there are as many connections as invocations at once.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pg8000.native
from pg8000.exceptions import DatabaseError, InterfaceError

from chalicelib.core import clock, wire
from chalicelib.core.aws import clients
from chalicelib.core.aws.secret_cache import Reread, reader
from chalicelib.core.errors import Conflict, Malformed, Unavailable
from chalicelib.core.names import READ_MODEL_SECRET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIVE, BUILDING, OLD = "rollcall", "rollcall_next", "rollcall_old"
"""The schema that is asked, the one that a rebuild fills beside it, and the one that was replaced: it is there until
nobody reads it any more."""

CONNECT_SECONDS = 5
SPARE_SECONDS = 5
"""How much longer than a statement may take a connection may be silent: PostgreSQL stops the statement itself."""

IDLE_SECONDS = 240
"""A connection that nobody used for so long is made anew: firewalls and poolers drop idle ones in silence, some after
five minutes (https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html)."""

_COMES_BACK = ("08", "40", "53", "55", "57", "58")
"""Classes of SQLSTATE after which the same statement may succeed later: connection, rollback, resources, locks,
operator intervention, system (https://www.postgresql.org/docs/15/errcodes-appendix.html)."""

_TIMED_OUT = "57014"
_REFUSED_AT_DOOR = ("28", "3D", "42501")
"""A wrong password, no such database, a missing grant: whoever runs the database can mend it."""

_IGNORED_OPTIONS = frozenset({"channel_binding", "application_name", "connect_timeout"})
_TLS_MODES = frozenset({"require", "verify-ca", "verify-full"})


class TooSlow(Conflict):
    """A statement took longer than its transaction may."""

    title = "The question takes too long"


class Refusal(Exception):
    """PostgreSQL refuses a statement for good, because of what is in it. `code` is its SQLSTATE. It quotes no data."""

    def __init__(self, code: str) -> None:
        super().__init__(f"PostgreSQL refused it: {code}")
        self.code = code


class Transaction:
    """Runs the statements of one transaction."""

    def __init__(self, connection: pg8000.native.Connection) -> None:
        self._connection = connection

    def run(self, sql: str, **parameters: Any) -> list[list[Any]]:
        """The rows of one statement, whose parameters are written `:name`. Raises Unavailable, TooSlow, Refusal."""
        with _translated():
            return self._connection.run(sql, **parameters) or []

    def value(self, sql: str, **parameters: Any) -> Any:
        """The first column of the first row, or None where there is no row."""
        rows = self.run(sql, **parameters)
        return rows[0][0] if rows else None

    def enter(self, schema: str) -> None:
        """Have names be of this schema from now on."""
        self.run(f"SET LOCAL search_path = {schema}, public")

    @property
    def changed(self) -> int:
        """How many rows the last statement inserted, changed or deleted."""
        return int(self._connection.row_count)

    def script(self, sql: str) -> None:
        """Run statements without parameters, with `;` between them."""
        with _translated():
            self._connection.execute_simple(sql)


class Database:
    """Makes transactions on a connection of its own."""

    def __init__(self, options: dict[str, Any] | Callable[[], dict[str, Any]]) -> None:
        """`options` are those of `options_of`, or what returns them anew for each connection."""
        self._options = options
        self._connection: pg8000.native.Connection | None = None
        self._used = 0.0
        self._is_checked = False

    def once_connected(self, check: Callable[[Database], None]) -> None:
        """Have `check` look at what this connection leads to, unless one did so already without an error."""
        if self._connection is None or not self._is_checked:
            check(self)
            self._is_checked = True

    @contextmanager
    def transaction(
        self, *, schema: str = LIVE, seconds: float = 30, read_only: bool = False
    ) -> Iterator[Transaction]:
        """A transaction whose names are of this schema, and whose statements may each take so many seconds. It is
        committed at the end of the block, and rolled back where that raises an error."""
        connection = self._open()
        try:
            with _translated():
                connection._usock.settimeout(seconds + SPARE_SECONDS)
                connection.execute_simple(
                    f"BEGIN{' READ ONLY' if read_only else ''}; SET LOCAL statement_timeout = {int(seconds * 1000)};"
                    f" SET LOCAL lock_timeout = {int(seconds * 1000)}; SET LOCAL timezone = 'UTC';"
                    f" SET LOCAL search_path = {schema}, public"
                )
            yield Transaction(connection)
            with _translated():
                connection.execute_simple("COMMIT")
        except Unavailable:
            self.close()
            raise
        except BaseException:
            self._roll_back(connection)
            raise
        self._used = clock.running()

    def close(self) -> None:
        """Close the connection. The next transaction opens another."""
        connection, self._connection = self._connection, None
        self._is_checked = False
        if connection is not None:
            try:
                connection.close()
            except (InterfaceError, OSError):
                return

    def __del__(self) -> None:
        # What `clients.once` lets go of, nobody else is left to close.
        self.close()

    def _open(self) -> pg8000.native.Connection:
        if self._connection is not None and clock.running() - self._used > IDLE_SECONDS:
            self.close()
        if self._connection is None:
            options = self._options() if callable(self._options) else self._options
            with _translated():
                self._connection = pg8000.native.Connection(**options, timeout=CONNECT_SECONDS)
                # A large statement is several packets, and pg8000 leaves Nagle's algorithm on: the last one would wait
                # for the acknowledgement of those before, which the server may delay by 40 ms.
                self._connection._usock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._used = clock.running()
        return self._connection

    def _roll_back(self, connection: pg8000.native.Connection) -> None:
        try:
            connection.execute_simple("ROLLBACK")
        except (InterfaceError, DatabaseError, OSError):
            self.close()


@clients.once
def database() -> Database:
    """The stage's read model, by the secret `rollcall-<stage>-read-model`. Each connection is by the secret as it was
    at most five minutes before, so a changed password needs no new process."""
    secret = Reread(reader(READ_MODEL_SECRET), options_of)

    def options() -> dict[str, Any]:
        try:
            return secret.fresh()
        except Malformed as error:  # whoever runs the stage mends it, and what asks or writes waits for that
            raise Unavailable(error.detail) from None

    return Database(options)


def options_of(secret: str) -> dict[str, Any]:
    """How to connect, by the secret: the URL itself, or JSON `{"url": …, "ca": …}` with the certificates, as PEM, of
    the authorities to trust instead of this machine's. TLS is always verified, the name of the host too.

    Raises Malformed for a URL that names no host, user or database, turns TLS off, or has options that mean nothing
    here. It quotes nothing of the secret.
    """
    document = (
        wire.from_json(secret, "the secret read-model") if secret.lstrip().startswith("{") else {"url": secret}
    )
    url, authorities = document.get("url"), document.get("ca")
    parts = urlsplit(url.strip() if isinstance(url, str) else "")
    if parts.scheme not in {"postgres", "postgresql"} or not parts.hostname or not parts.username:
        raise Malformed("the secret read-model has no URL like postgresql://user:password@host:5432/database")
    name = unquote(parts.path.removeprefix("/"))
    if not name:
        raise Malformed("the URL in the secret read-model names no database")
    for option, value in parse_qsl(parts.query, keep_blank_values=True):
        if option == "sslmode" and value in _TLS_MODES:
            continue
        if option not in _IGNORED_OPTIONS:
            raise Malformed(f"the URL in the secret read-model has {option}, which is not supported so")
    try:
        port = parts.port or 5432
        context = ssl.create_default_context(cadata=authorities or None)
    except (ValueError, ssl.SSLError, TypeError):
        raise Malformed("the port, or the ca, in the secret read-model is none") from None
    return {
        "host": parts.hostname,
        "port": port,
        "user": unquote(parts.username),
        "password": unquote(parts.password or ""),
        "database": name,
        "ssl_context": context,
        "application_name": "rollcall",
    }


@contextmanager
def _translated() -> Iterator[None]:
    """The errors of pg8000 as ours, which quote nothing: PostgreSQL's own may quote a row."""
    try:
        yield
    except DatabaseError as error:
        fields = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
        code = str(fields.get("C", ""))
        if code == _TIMED_OUT:
            raise TooSlow("it took longer than it may: narrow it down") from None
        if not code or code.startswith((*_COMES_BACK, *_REFUSED_AT_DOOR)):
            raise Unavailable(f"the read model's database does not do it now: {code or 'no answer'}") from None
        raise Refusal(code) from None
    except (InterfaceError, OSError) as error:
        raise Unavailable(f"the read model's database does not answer ({type(error).__name__})") from None
