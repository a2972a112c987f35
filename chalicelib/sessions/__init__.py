"""Sessions: signing in, staying in, and signing out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.lazy import names_of

if TYPE_CHECKING:
    from chalicelib.sessions import (
        authentication,
        browser_sessions,
        cookies,
        devices,
        failures,
        model,
        new_session,
        schemas,
        second_factors,
        sign_out,
        token_replies,
    )
    from chalicelib.sessions.failure_delay import dearest_hash
    from chalicelib.sessions.hash_sweep import look_page
    from chalicelib.sessions.session_list import held_about
    from chalicelib.sessions.sign_out import erase
    from chalicelib.sessions.store import changes, find, had_before, scanned, sessions
else:
    __getattr__ = names_of(
        __name__,
        {
            "authentication": "",
            "browser_sessions": "",
            "changes": "store",
            "cookies": "",
            "dearest_hash": "failure_delay",
            "devices": "",
            "erase": "sign_out",
            "failures": "",
            "find": "store",
            "had_before": "store",
            "held_about": "session_list",
            "look_page": "hash_sweep",
            "model": "",
            "new_session": "",
            "scanned": "store",
            "schemas": "",
            "second_factors": "",
            "sessions": "store",
            "sign_out": "",
            "token_replies": "",
        },
    )

__all__ = [
    "authentication",
    "browser_sessions",
    "changes",
    "cookies",
    "dearest_hash",
    "devices",
    "erase",
    "failures",
    "find",
    "had_before",
    "held_about",
    "look_page",
    "model",
    "new_session",
    "scanned",
    "schemas",
    "second_factors",
    "sessions",
    "sign_out",
    "token_replies",
]
