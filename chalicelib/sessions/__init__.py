"""Sessions: signing in, staying in, and signing out."""

from chalicelib.sessions.failure_delay import dearest_hash
from chalicelib.sessions.session_list import held_about
from chalicelib.sessions.sign_out import erase

__all__ = ["dearest_hash", "erase", "held_about"]
