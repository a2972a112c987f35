"""A person's identities at identity providers, as other systems' files tell them.

Which connection of the stage an identity belongs to, and whether there is one, is decided later
(`identities.moving`). Here it gets the other system's name of the connection, and the kind where that is known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.imports.systems.translation import Translation

SAML = "saml"
"""The kind of what no connection here can be. It is named among what is left behind."""
OBJECT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""Microsoft's id of a person in a directory, which is the same for all clients. It is no subject of ID tokens."""


class Federated(NamedTuple):
    """An identity, with values as the file has them. `kind` is empty if only the name says which connection it is."""

    name: object
    subject: object
    kind: str = ""
    label: object = None
    issuer: object = None


def take_identities(
    translation: Translation,
    field: str,
    members: object,
    read: Callable[[Mapping[str, Any]], Federated | None],
) -> None:
    """Add identities to the translation, or a fault of the `field` that has them. `read` answers None for what is the
    other system's own way in, as a password is."""
    if members in (None, "", []):
        return
    if not isinstance(members, list) or not all(isinstance(member, dict) for member in members):
        translation.faults.append((field, "must be a list of objects"))
        return
    entries: list[dict[str, object]] = []
    for federated in filter(None, map(read, members)):
        subject = _text(federated.subject)
        if not isinstance(federated.name, str) or not federated.name or not subject:
            translation.faults.append((field, "must name a provider and a subject each"))
            return
        optional = {"kind": federated.kind, "issuer": federated.issuer, "label": federated.label}
        entry = {"connection": federated.name.lower(), "subject": subject}
        entries.append({**entry, **{name: value for name, value in optional.items() if value not in (None, "")}})
    translation.put("identities", [*translation.row.get("identities", []), *entries])


def _text(subject: object) -> object:
    """A subject as text. Some providers' are numbers, as GitHub's."""
    is_number = isinstance(subject, int) and not isinstance(subject, bool)
    return str(subject) if is_number else subject
