"""The app over a real HTTP server: `chalice local`'s own, in this process."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chalice.config import Config
from chalice.local import LocalDevServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def listening() -> Iterator[str]:
    """The URL where the app is served meanwhile, at a free port of this machine."""
    from app import app

    server = LocalDevServer(app, Config.create(), "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server.server_close()
