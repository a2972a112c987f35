"""Sessions: signing in, staying in, and signing out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.lazy import names_of

if TYPE_CHECKING:
    from chalicelib.sessions import model
    from chalicelib.sessions.failure_delay import dearest_hash
    from chalicelib.sessions.session_list import held_about
    from chalicelib.sessions.sign_out import erase
    from chalicelib.sessions.store import changes, find, has_other, sessions
else:
    __getattr__ = names_of(
        __name__,
        {
            "model": "",
            "sessions": "store",
            "has_other": "store",
            "find": "store",
            "changes": "store",
            "dearest_hash": "failure_delay",
            "erase": "sign_out",
            "held_about": "session_list",
        },
    )

__all__ = [
    "sessions",
    "model",
    "has_other",
    "find",
    "changes",
    "dearest_hash",
    "erase",
    "held_about",
]
