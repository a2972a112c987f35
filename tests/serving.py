"""HTTP servers of tests, and the app over one: `chalice local`'s own, in this process."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chalice.config import Config
from chalice.local import LocalDevServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from socketserver import BaseServer

STOP_SECONDS = 0.01
"""How long a server takes to notice that it is over; half a second by itself."""


@contextmanager
def served(server: BaseServer) -> Iterator[None]:
    """Have a server answer while the block runs, and close it."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(STOP_SECONDS,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def listening() -> Iterator[str]:
    """The URL where the app is served meanwhile, at a free port of this machine."""
    from app import app

    server = LocalDevServer(app, Config.create(), "127.0.0.1", 0).server
    with served(server):
        yield f"http://127.0.0.1:{server.server_port}"
