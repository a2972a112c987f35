"""Identities in files: those of a person in an export, and those that a row of an import brings for a new person.

A file names an identity by the connection's id and the subject, and by the issuer where a connection has several. It
may say the connection's kind, as the files of other systems do, which have their own names of connections. What no
enabled connection here knows is left behind, and the person's `metadata` says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from chalicelib import connections
from chalicelib.connections import model as connection_model
from chalicelib.connections.provider_identity import LABEL_LIMIT, ProviderIdentity
from chalicelib.core import texts
from chalicelib.core.aws import clients
from chalicelib.identities import model
from chalicelib.identities.store import identities

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Action, Key, Table
    from chalicelib.identities.rows import IdentitiesRow, Identity

LEFT_BEHIND = "identities_left_behind"
"""The member of `metadata` that names the connections whose identities could not be taken over."""

MEMBERS = frozenset({"connection", "kind", "issuer", "subject", "label"})

BY_KIND = frozenset({"google", "apple", "github"})
"""The kinds of which a connection may be known by its kind alone: whoever asks these providers gets the same subject
(Apple: any client of one team). Microsoft's are others for each client."""

MEMBER_LIMIT = 255
"""Characters of each member; of a subject there are never more."""


class Brought(NamedTuple):
    """The identities that a row brings, and the connections of those that are left behind."""

    identities: list[Identity]
    left_behind: list[str]


class EnabledConnection(NamedTuple):
    """What of an enabled connection decides whether an identity is its own."""

    kind: str
    issuer: str
    """Empty where the connection has several."""


def check(entries: object) -> list[dict[str, str]]:
    """The identities of a row, of the right form. Raises ValueError."""
    if not isinstance(entries, list) or len(entries) > model.IDENTITIES_LIMIT:
        raise ValueError(f"must be a list of up to {model.IDENTITIES_LIMIT} identities")
    for entry in entries:
        if not isinstance(entry, dict) or not {"connection", "subject"} <= entry.keys() <= MEMBERS:
            raise ValueError(
                "must have a connection and a subject each, and may have a kind, an issuer and a label"
            )
        if not all(isinstance(value, str) and 0 < len(value) <= MEMBER_LIMIT for value in entry.values()):
            raise ValueError(f"must be texts of 1 to {MEMBER_LIMIT} characters")
        if not (connection_model.is_subject(entry["subject"]) and entry.get("issuer", "").isprintable()):
            raise ValueError("must have subjects and issuers of visible characters")
    return entries


def enabled_connections() -> dict[str, EnabledConnection]:
    """The enabled connections, by their ids."""
    return {
        connection["connection_id"]: EnabledConnection(
            connection["provider"], connection_model.sole_issuer(connection)
        )
        for connection in connections.connections().enabled()
    }


def brought(entries: list[dict[str, str]], enabled: Mapping[str, EnabledConnection]) -> Brought:
    """What of a row's identities can be taken over."""
    taken: dict[str, Identity] = {}
    left: list[str] = []
    for entry in entries:
        connection_id = _connection_of(entry, enabled)
        own = enabled[connection_id].issuer if connection_id else ""
        issuer = own or entry.get("issuer", "")
        if not connection_id or not issuer or entry.get("issuer", issuer) != issuer:
            left.append(entry["connection"])
            continue
        label = texts.shown(entry.get("label", ""), LABEL_LIMIT)
        proved = ProviderIdentity(connection_id, issuer, entry["subject"], label=label)
        identity = model.new_identity(proved)
        taken[identity["id"]] = identity
    return Brought(list(taken.values()), list(dict.fromkeys(left)))


def _connection_of(entry: dict[str, str], enabled: Mapping[str, EnabledConnection]) -> str:
    """The id of the connection that an identity belongs to: the one of that id, unless it is of another kind than the
    row says; else the only one of that kind. Empty if there is none."""
    connection_id, kind = entry["connection"], entry.get("kind", "")
    own = enabled.get(connection_id)
    if own is not None and kind in ("", own.kind):
        return connection_id
    alike = [other_id for other_id, other in enabled.items() if other.kind == kind]
    return alike[0] if kind in BY_KIND and len(alike) == 1 else ""


def creating(person: Person, new_identities: list[Identity]) -> tuple[Person, dict[str, Action]]:
    """A person who is about to be created, now with these identities, and the actions that store them. These fail where
    one of them is, or was, another person's."""
    listed = [model.entry_of(identity) for identity in new_identities]
    return {**person, "identities": listed}, identities().creating_all(person, new_identities)


def table_and_key(user_id: str) -> tuple[Table[IdentitiesRow], Key]:
    """The table and the key of a person's identities, to read them in one batch with other rows."""
    return clients.table("credentials"), {"id": model.row_id(user_id)}


def exported(person: Person, row: IdentitiesRow | None) -> list[dict[str, str]]:
    """The identities of a person as a file has them, in the form that an import takes."""
    return [
        {name: str(value) for name, value in identity.items() if name in MEMBERS and value}
        for identity in model.counting(row, person)
    ]
