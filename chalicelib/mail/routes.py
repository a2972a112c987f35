"""Mails to a person, over HTTP."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from chalicelib.core.errors import NotFound
from chalicelib.core.http import cursors
from chalicelib.core.http.declarations import (
    ADMIN,
    SUPPORT,
    ListQuery,
    NoQuery,
    Request,
    Routes,
    listing,
)
from chalicelib.core.http.step_up import Proof
from chalicelib.mail.model import address_digest
from chalicelib.mail.store import mails

routes = Routes("mail")


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


@routes.get("/users/{user_id}/mail", who=SUPPORT, query=ListQuery, returns=SentMails)
def list_mail(request: Request[None, ListQuery], user_id: str) -> dict[str, Any]:
    """List what was mailed to a person in the last 90 days, newest first, and what became of it."""
    bound_to = ("/users/mail", user_id, request.caller.id)
    start = cursors.open_sealed(request.query.cursor, *bound_to) if request.query.cursor else None
    page = mails().listing(user_id, limit=request.query.limit, start=start)
    items = [SentMail.model_validate(row).model_dump() for row in page.items]
    return listing(items, cursors.seal(page.next, *bound_to) if page.next else None)


@routes.delete("/users/{user_id}/mail/suppression", who=ADMIN, status=204, proof=Proof.PERSON)
def lift_suppression(_request: Request[None, NoQuery], user_id: str) -> None:
    """Send a person mail again, whose address bounced or who complained."""
    person = mails().person(user_id)
    if person is None:
        raise NotFound("there is no such person with an address")
    mails().lift_suppression(address_digest(person["email"]))
