"""Mails to a person, over HTTP."""

from __future__ import annotations

from typing import Any

from chalice import Blueprint
from pydantic import BaseModel

from chalicelib import accounts
from chalicelib.core.errors import NotFound
from chalicelib.core.http.routing import ADMIN, SUPPORT, ListQuery, NoQuery, Proof, Request, declares, listing
from chalicelib.mail.model import address_digest
from chalicelib.mail.store import mails

mail = Blueprint(__name__)


class SentMail(BaseModel):
    """One mail to a person. Its content is not kept."""

    id: str
    template: str
    state: str
    created_at: str
    updated_at: str


class SentMails(BaseModel):
    items: list[SentMail]
    next: str | None


@mail.route("/users/{user_id}/mail", methods=["GET", "HEAD"], content_types=[])
@declares(who=SUPPORT, query=ListQuery, answers={200: SentMails})
def list_mail(request: Request[None, ListQuery], user_id: str) -> dict[str, Any]:
    """List what was mailed to a person in the last 90 days, newest first, and what became of it."""
    page_request = request.page_request()
    result_page = mails().listing(user_id, limit=page_request.limit, start=page_request.start)
    items = [SentMail.model_validate(row).model_dump() for row in result_page.items]
    return listing(items, page_request.cursor(result_page.next))


@mail.route("/users/{user_id}/mail/suppression", methods=["DELETE"], content_types=[])
@declares(who=ADMIN, answers={204: None}, proof=Proof.PERSON)
def lift_suppression(_request: Request[None, NoQuery], user_id: str) -> None:
    """Send a person mail again, whose address bounced or who complained."""
    person = accounts.reachable(user_id)
    if person is None:
        raise NotFound("there is no such person with an address")
    mails().lift_suppression(address_digest(person["email"]))
