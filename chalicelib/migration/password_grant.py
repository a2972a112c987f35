"""Any token endpoint with the grant `password` (RFC 6749, section 4.3): Keycloak's, Auth0's, and others.

Auth0 has one of its own for the database of a realm, and answers a right password with the error `mfa_required` where a
second factor is needed:
https://auth0.com/docs/api/authentication/resource-owner-password-flow/get-token
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from chalicelib.core import wire
from chalicelib.core.errors import Malformed
from chalicelib.migration.claims import person_in
from chalicelib.migration.verdicts import WRONG, NoVerdict, OldSystemDown, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.core.old_system import OldSystem
    from chalicelib.core.outbound.safe_http import Answer
    from chalicelib.migration.verdicts import Question

REALM_GRANT = "http://auth0.com/oauth/grant-type/password-realm"

OF_SETTING = frozenset(
    {
        "invalid_client",
        "invalid_request",
        "invalid_scope",
        "invalid_target",
        "unauthorized_client",
        "unsupported_grant_type",
    }
)
"""The errors that are about our client, and not about a person (RFC 6749, section 5.2; RFC 8707, section 2)."""

FACTOR_NEEDED = "mfa_required"
LOCKED = "too_many_attempts"
"""Auth0's error for one account that was tried too often, which has the status of too many requests."""


def request(system: OldSystem, secret: str, question: Question) -> tuple[Mapping[str, str], bytes]:
    """The headers and the body of the POST that asks. The client proves itself in the form."""
    form = {
        "grant_type": REALM_GRANT if system.realm else "password",
        "username": question.login,
        "password": question.password,
        "client_id": system.client_id,
        "client_secret": secret,
        "scope": system.scope,
        "audience": system.audience,
        "realm": system.realm,
    }
    present = {name: value for name, value in form.items() if value}
    return {"Content-Type": "application/x-www-form-urlencoded"}, urlencode(present).encode()


def verdict(answer: Answer) -> Verdict:
    """What the answer says. Raises NoVerdict."""
    try:
        document = wire.from_json(answer.body, "the token endpoint's answer")
    except Malformed:
        document = None
    error = document.get("error") if isinstance(document, dict) else None
    if answer.status == 429 and error != LOCKED:
        raise OldSystemDown("the token endpoint has too many requests")
    if isinstance(document, dict) and answer.status == 200 and error is None and document.get("access_token"):
        return Verdict(is_right=True, person=person_in(document.get("id_token"), "sub"))
    if not isinstance(error, str) or answer.status < 400:
        raise NoVerdict(f"the token endpoint's answer is none that OAuth has: status {answer.status}")
    if error in OF_SETTING:
        raise NoVerdict(f"the token endpoint answered with {error}, which is about the client")
    return Verdict(is_right=True, factors=("mfa",)) if error == FACTOR_NEEDED else WRONG
