"""Sessions: signing in, staying in, signing out, and knowing who asks."""

from chalicelib.sessions.authentication import authenticate
from chalicelib.sessions.ending import erase

__all__ = ["authenticate", "erase"]
