"""What other systems keep among a person's free members, under the names of OpenID Connect's claims
(https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims), and that has a field of its own here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.profile import rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.imports.systems.translation import Translation

FIELDS = {"locale": rules.locale, "birthdate": rules.birthdate}


def take_claims(translation: Translation, members: Mapping[str, Any]) -> dict[str, Any]:
    """Set the fields for which there is a claim of a form of ours. Returns the other members: also a claim that we
    would not take, because nobody promised that a free member has any form."""
    others = dict(members)
    for name, rule in FIELDS.items():
        try:
            value = rule(others[name]) if name in others else None
        except ValueError:
            continue
        if value is not None:
            translation.put(name, value)
            del others[name]
    return others
