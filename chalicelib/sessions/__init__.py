"""Sessions: signing in, staying in, signing out, and knowing who asks."""

from chalicelib.sessions.authentication import authenticate
from chalicelib.sessions.ending import erase
from chalicelib.sessions.viewing import held_about

__all__ = ["authenticate", "erase", "held_about"]
