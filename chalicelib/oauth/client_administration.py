"""What administrators do with OAuth clients: create, change, rotate the secret, remove. The log says which client, and
who."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from chalicelib import accounts
from chalicelib.core import context, logs
from chalicelib.core.errors import Conflict
from chalicelib.core.http.models import validated
from chalicelib.oauth import model
from chalicelib.oauth.schemas import NewClient
from chalicelib.oauth.store import clients

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.oauth.rows import Client, Registered, Source
    from chalicelib.oauth.schemas import ClientPatch


def create(new: NewClient) -> tuple[Client, str | None]:
    """Create a client. Returns its row, and its secret if it has one."""
    client, secret = model.new_client(new.name, new.roles, registered_of(new, "admin"), new.jwks)
    clients().create(client)
    _log("client created", client)
    return client, secret


def change(
    client_id: str,
    patch: ClientPatch,
    *,
    expected: int | None = None,
    require_proof: Callable[[], None] = lambda: None,
) -> Client:
    """Change what is registered of a client, and return its row. `require_proof` is called first where the client has
    the role `admin`, or is to have it. Raises what it raises, NotFound, Invalid where what comes of it does not go
    together, and PreconditionFailed as `rotate` does."""
    client = clients().get(client_id)
    present = {name: value for name, value in model.view(client).items() if name in NewClient.model_fields}
    patched = {**present, **patch.model_dump(exclude_unset=True)}
    document = validated(NewClient, {name: value for name, value in patched.items() if value is not None})
    new = cast("NewClient", document)
    if accounts.ADMIN in {*client["roles"], *new.roles}:
        require_proof()
    next_version = model.patched(
        client, new.name, new.roles, registered_of(new, client.get("source", "admin")), new.jwks
    )
    clients().replace(client, next_version, expected)
    _log("client changed", next_version)
    return next_version


def rotate(
    client_id: str,
    grace_seconds: int,
    *,
    expected: int | None = None,
    require_proof: Callable[[], None] = lambda: None,
) -> tuple[Client, str]:
    """Give a client a new secret. Returns the changed row and the secret.

    `require_proof` is called first where the client has the role `admin`. Raises what it raises, NotFound, Conflict
    where the client has no secret, and PreconditionFailed where the client is not at the `expected` version."""
    client = clients().get(client_id)
    if accounts.ADMIN in client["roles"]:
        require_proof()
    if not model.has_secret(client):
        raise Conflict("the client has no secret")
    next_version, secret = model.rotated(client, grace_seconds)
    clients().replace(client, next_version, expected)
    _log("client secret rotated", next_version)
    return next_version, secret


def remove(client_id: str, *, expected: int | None = None) -> None:
    """Remove a client. Raises NotFound, and PreconditionFailed where it is not at the `expected` version."""
    client = clients().get(client_id)
    clients().remove(client, expected)
    _log("client removed", client)


def registered_of(new: NewClient, source: Source) -> Registered:
    """What is registered of a new client, for its row."""
    fields = new.model_dump(exclude_none=True, exclude={"name", "roles", "jwks"})
    return cast("Registered", {**fields, "source": source})


def _log(event: str, client: Client) -> None:
    logs.info(event, client=client["client_id"], roles=client["roles"], actor=context.current().actor)
