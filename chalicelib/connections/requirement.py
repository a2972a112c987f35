"""Domains whose people may come by one connection alone.

A customer who switches somebody off at their own identity provider relies on it: nothing of ours may let them in. So
passwords, mailed codes, resets, registrations and passkeys of these domains are refused, and other connections too.
Who typed an address is told by its domain alone: the answer says nothing of whether it has an account.
"""

from __future__ import annotations

from chalicelib.connections.domains import domain_of
from chalicelib.connections.store import connections
from chalicelib.core.errors import Forbidden


class ConnectionRequired(Forbidden):
    """People of this domain come by the connection that `connection` names."""

    title = "Sign in at your organization"
    type = "connection-required"

    def __init__(self, connection_id: str, name: str) -> None:
        detail = f"people of this domain sign in at GET /sessions/connections/{connection_id}"
        super().__init__(detail, connection={"id": connection_id, "name": name})


def check_way(email_address: str | None, connection_id: str | None = None) -> None:
    """Raises ConnectionRequired where people with this address may not come this way: by that connection, or without
    one. No call, but for the connections, which a process reads once a minute."""
    required = connections().required_for(_domain(email_address)) if email_address else None
    if required is not None and required["connection_id"] != connection_id:
        raise ConnectionRequired(required["connection_id"], required["name"])


def _domain(email_address: str) -> str:
    """The domain of an address; empty for one of an old import that is none by our rules."""
    try:
        return domain_of(email_address)
    except ValueError:
        return ""
