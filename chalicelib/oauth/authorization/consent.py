"""What the page asks for a signed-in person: what the client wants, and the person's word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import accounts
from chalicelib.core.errors import Conflict, Forbidden, StepUpRequired
from chalicelib.core.http import step_up
from chalicelib.oauth import consents, model, redirect_uris
from chalicelib.oauth.authorization import sealed_requests
from chalicelib.oauth.authorization.authorize import answer_url, error_url, issue_code
from chalicelib.oauth.authorization.errors import AuthorizationRefused
from chalicelib.oauth.authorization.outstanding import SignedIn, is_recorded, need_of
from chalicelib.oauth.grants.model import is_offline, new_code, refresh_days
from chalicelib.oauth.grants.store import grants
from chalicelib.oauth.store import clients

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Action
    from chalicelib.oauth.authorization.request import AuthorizationRequest
    from chalicelib.oauth.rows import Client


class AnotherPerson(Forbidden):
    title = "Somebody else is signed in"
    type = "another-person"


class RequestRefused(Conflict):
    """The client was removed or changed since, so that nobody may be led to its address any more."""

    title = "The application does not ask for this any more"
    type = "request-refused"


def answer(sealed: str, signed_in: SignedIn, allow: bool | None) -> dict[str, Any]:
    """What the page does next: `{"redirect": …}`, or `{"consent": …}` where the person has not given their word.

    Raises RequestExpired, RequestRefused, AnotherPerson, and StepUpRequired where the request needs a further proof.
    """
    request = sealed_requests.opened(sealed)
    client = clients().find(request.client_id)
    if client is None or not redirect_uris.is_registered(
        request.redirect_uri, model.registered(client)["redirect_uris"]
    ):
        raise RequestRefused
    if allow is False:
        denied = AuthorizationRefused("access_denied", "the person did not allow it")
        return {"redirect": error_url(request.redirect_uri, request.state, denied)}
    need = need_of(request, client, signed_in)
    if need == "another_person":
        raise AnotherPerson("the application expects another person: sign in as them")
    if need == "step_up":
        raise _step_up(request)
    if need is None:
        return {"redirect": issue_code(request, signed_in)}
    if allow is None:
        return {"consent": _shown(request, client)}
    return {"redirect": _allowed(request, client, signed_in)}


def _allowed(request: AuthorizationRequest, client: Client, signed_in: SignedIn) -> str:
    """Store what the person allows, where it is new, together with the code: one write."""
    row, code = new_code(signed_in.authorized(request), request.redirect_uri, request.challenge)
    if is_recorded(request, client, signed_in.person):
        grants().put_code(row)
    else:
        record(request, signed_in.person, {"code": grants().putting_code(row)})
    return answer_url(request, code)


def record(request: AuthorizationRequest, person: Person, also: Mapping[str, Action]) -> None:
    """Store what they allow, in one transaction with further actions. Raises Conflict where one of these is
    refused, or where they allowed too many applications something."""
    accounts.people().change(
        person,
        lambda present: consents.with_consent(present, request.client_id, request.scopes, request.resource),
        also=lambda _: also,
    )


def _shown(request: AuthorizationRequest, client: Client) -> dict[str, Any]:
    """What the person is asked."""
    return {**question(request, client), "redirect_uri": request.redirect_uri}


def question(request: AuthorizationRequest, client: Client) -> dict[str, Any]:
    """What somebody is asked to allow, and whom."""
    registered = model.registered(client)
    return {
        "client": {
            "id": client["client_id"],
            "name": client["name"],
            "uri": registered.get("uri"),
            "logo_uri": registered.get("logo_uri"),
            "first_party": registered["first_party"],
            "source": registered["source"],
        },
        "scopes": list(request.scopes),
        "resource": request.resource,
        "days": refresh_days(registered) if is_offline(list(request.scopes), registered) else None,
    }


def _step_up(request: AuthorizationRequest) -> StepUpRequired:
    """What the request needs: a new proof, and of which level (RFC 9470, section 3)."""
    max_age = 0 if "login" in request.prompts else request.max_age
    seconds = step_up.STEP_UP_SECONDS if max_age is None else max_age
    return StepUpRequired(
        seconds,
        second_factor=bool(request.acr_values) and "aal1" not in request.acr_values,
        acr_values=request.acr_values,
    )
