"""What administrators do with machines' clients: make, rotate, remove. Each is logged by id, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import accounts
from chalicelib.core import context, logs
from chalicelib.oauth import model
from chalicelib.oauth.store import clients

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chalicelib.core.aws.dynamo import Item


def create(name: str, roles: Sequence[str]) -> tuple[Item, str]:
    """Make a client: (it, its secret)."""
    client, secret = model.new_client(name, roles)
    clients().create(client)
    _log("client created", client)
    return client, secret


def rotate(
    client_id: str,
    grace_seconds: int,
    *,
    expected: int | None = None,
    granting: Callable[[], None] = lambda: None,
) -> tuple[Item, str]:
    """Give a client a new secret: (the client, the secret). Raises NotFound, PreconditionFailed, and whatever
    `granting` does, which is asked where the secret is an administrator's."""
    client = clients().get(client_id)
    if accounts.ADMIN in client["roles"]:
        granting()
    following, secret = model.rotated(client, grace_seconds)
    clients().replace(client, following, expected)
    _log("client secret rotated", following)
    return following, secret


def remove(client_id: str, *, expected: int | None = None) -> None:
    """Remove a client. Raises NotFound or PreconditionFailed."""
    client = clients().get(client_id)
    clients().remove(client, expected)
    _log("client removed", client)


def _log(event: str, client: Item) -> None:
    logs.info(event, client=client["client_id"], roles=client["roles"], actor=context.current().actor)
