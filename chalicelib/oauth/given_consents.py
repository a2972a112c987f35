"""What a person allowed applications: the list of it, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from chalicelib import accounts
from chalicelib.core import logs
from chalicelib.core.aws import clients as aws_clients
from chalicelib.core.errors import NotFound
from chalicelib.oauth import consents
from chalicelib.oauth.grants.store import grants
from chalicelib.oauth.store import clients

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.accounts.rows import Consent, Person
    from chalicelib.oauth.rows import Client


def shown(person: Person) -> list[dict[str, Any]]:
    """What they allowed, with the applications' names: one batch read, or none where there is nothing."""
    allowed = consents.consents_of(person)
    keys = [clients().table_and_key(client_id) for client_id in allowed]
    rows = aws_clients.database().batch_get(keys) if keys else []
    pairs = zip(allowed.items(), cast("list[Client | None]", rows), strict=True)
    views = [_view(client_id, consent, client or {}) for (client_id, consent), client in pairs]
    return sorted(views, key=lambda view: (view["name"] or "", view["client_id"]))


def _view(client_id: str, consent: Consent, client: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "client_id": client_id,
        **{name: client.get(name) for name in ("name", "uri", "logo_uri")},
        "scopes": consent["scopes"],
        "resources": consent.get("resources", []),
        "since": consent["since"],
        "at": consent["at"],
    }


def revoke(person: Person, client_id: str) -> None:
    """Take back what they allowed a client. Its grants count no more from the write of the person's row on, and are
    then removed. Raises NotFound where it was allowed nothing."""
    if client_id not in consents.consents_of(person):
        raise NotFound("this application was allowed nothing")
    accounts.people().change(person, lambda present: consents.without_consent(present, client_id))
    grants().end_all(grant for grant in grants().of_person(person["id"]) if grant["client_id"] == client_id)
    logs.info("consent revoked", client=client_id, user_id=person["id"])
