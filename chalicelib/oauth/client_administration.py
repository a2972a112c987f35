"""What administrators do with OAuth clients: create, rotate the secret, remove. The log says which client, and who."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import accounts
from chalicelib.core import context, logs
from chalicelib.oauth import model
from chalicelib.oauth.store import clients

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chalicelib.oauth.rows import Client


def create(name: str, roles: Sequence[str]) -> tuple[Client, str]:
    """Create a client. Returns its row and its secret."""
    client, secret = model.new_client(name, roles)
    clients().create(client)
    _log("client created", client)
    return client, secret


def rotate(
    client_id: str,
    grace_seconds: int,
    *,
    expected: int | None = None,
    require_proof: Callable[[], None] = lambda: None,
) -> tuple[Client, str]:
    """Give a client a new secret. Returns the changed row and the secret.

    `require_proof` is called first where the client has the role `admin`. Raises what it raises, NotFound, and
    PreconditionFailed where the client is not at the `expected` version."""
    client = clients().get(client_id)
    if accounts.ADMIN in client["roles"]:
        require_proof()
    next_version, secret = model.rotated(client, grace_seconds)
    clients().replace(client, next_version, expected)
    _log("client secret rotated", next_version)
    return next_version, secret


def remove(client_id: str, *, expected: int | None = None) -> None:
    """Remove a client. Raises NotFound, and PreconditionFailed where it is not at the `expected` version."""
    client = clients().get(client_id)
    clients().remove(client, expected)
    _log("client removed", client)


def _log(event: str, client: Client) -> None:
    logs.info(event, client=client["client_id"], roles=client["roles"], actor=context.current().actor)
