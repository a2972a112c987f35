"""OAuth clients: services and jobs that call the API in their own name, and bearer tokens."""

from chalicelib.oauth.bearer_tokens import authenticate
from chalicelib.oauth.store import clients

__all__ = ["authenticate", "clients"]
