"""Webhooks over HTTP: endpoints, their secrets, and the log of what was delivered to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core import clock
from chalicelib.core.http import cursors
from chalicelib.core.http.declarations import (
    ADMIN,
    NoQuery,
    Reply,
    Request,
    Routes,
    listing,
)
from chalicelib.core.http.step_up import Proof
from chalicelib.webhooks import endpoints, secrets
from chalicelib.webhooks.delivery_store import deliveries
from chalicelib.webhooks.schemas import (
    Delivery,
    DeliveryList,
    DeliveryQuery,
    NewSecret,
    NewTest,
    NewWebhook,
    NewWebhookWithSecret,
    Webhook,
    WebhookList,
    WebhookPatch,
)
from chalicelib.webhooks.store import webhooks

if TYPE_CHECKING:
    from chalicelib.core.aws.dynamo import Item

routes = Routes("webhooks")


@routes.post("/webhooks", who=ADMIN, body=NewWebhook, returns=NewWebhookWithSecret, status=201, proof=Proof.RECENT)
def create_webhook(request: Request[NewWebhook, NoQuery]) -> Reply:
    """Have events sent to a URL, signed after Standard Webhooks. The secret is shown in this answer only."""
    fields = {**request.body.model_dump(exclude_none=True), "created_by": request.caller.id}
    webhook, secret = endpoints.create(fields)
    return Reply({**_shown(webhook), "secret": secret}, version=webhook["version"])


@routes.get("/webhooks", who=ADMIN, returns=WebhookList)
def list_webhooks(request: Request[None, NoQuery]) -> dict[str, Any]:  # noqa: ARG001 - every route takes one
    """List every webhook, oldest first; there are 50 at most."""
    return listing([_shown(webhook) for webhook in webhooks().all()], None)


@routes.get("/webhooks/{webhook_id}", who=ADMIN, returns=Webhook)
def read_webhook(request: Request[None, NoQuery], webhook_id: str) -> Reply:  # noqa: ARG001 - every route takes one
    """Read one webhook."""
    return _reply(webhooks().get(webhook_id))


@routes.patch("/webhooks/{webhook_id}", who=ADMIN, body=WebhookPatch, returns=Webhook, proof=Proof.RECENT)
def change_webhook(request: Request[WebhookPatch, NoQuery], webhook_id: str) -> Reply:
    """Change, disable or enable a webhook. Events of the next few seconds may still go by what was before."""
    patch = request.body.model_dump(exclude_unset=True)
    return _reply(endpoints.change(webhook_id, patch, request.expected_version()))


@routes.delete("/webhooks/{webhook_id}", who=ADMIN, proof=Proof.RECENT)
def remove_webhook(request: Request[None, NoQuery], webhook_id: str) -> None:
    """Remove a webhook; what waits to be delivered to it is dropped."""
    webhooks().remove(webhooks().get(webhook_id), request.expected_version())


@routes.post("/webhooks/{webhook_id}/rotate-secret", who=ADMIN, returns=NewSecret, proof=Proof.RECENT)
def rotate_secret(request: Request[None, NoQuery], webhook_id: str) -> Reply:
    """Replace the secret. For a day deliveries are signed with both, so that no receiver fails meanwhile."""
    webhook, secret = endpoints.rotate_secret(webhook_id, request.expected_version())
    until = clock.timestamp(clock.now() + secrets.ROTATION)
    return Reply({"secret": secret, "previous_valid_until": until}, version=webhook["version"])


@routes.post(
    "/webhooks/{webhook_id}/test",
    who=ADMIN,
    body=NewTest,
    returns=Delivery,
    status=202,
    idempotent=True,
    proof=Proof.RECENT,
)
def test_webhook(request: Request[NewTest, NoQuery], webhook_id: str) -> dict[str, Any]:
    """Sign and send a past event, or one made up. The log of deliveries shows what the endpoint answered."""
    past = request.body.model_dump(exclude_none=True)
    return _logged(endpoints.test(webhook_id, past or None))


@routes.get("/webhooks/{webhook_id}/deliveries", who=ADMIN, query=DeliveryQuery, returns=DeliveryList)
def list_deliveries(request: Request[None, DeliveryQuery], webhook_id: str) -> dict[str, Any]:
    """List the deliveries of the last 30 days, newest event first, with every attempt and its answer."""
    webhooks().get(webhook_id)
    state, limit = request.query.state, request.query.limit
    binding = ("/webhooks/deliveries", webhook_id, state or "", request.caller.id)
    start = cursors.open_sealed(request.query.cursor, *binding) if request.query.cursor else None
    page = deliveries().listing(webhook_id, state=state, limit=limit, start=start)
    return listing([_logged(row) for row in page.items], cursors.seal(page.next, *binding) if page.next else None)


@routes.post(
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/retry",
    who=ADMIN,
    returns=Delivery,
    status=202,
    proof=Proof.RECENT,
)
def retry_delivery(request: Request[None, NoQuery], webhook_id: str, delivery_id: str) -> dict[str, Any]:  # noqa: ARG001
    """Send one delivery again now, whatever became of it before."""
    return _logged(endpoints.retry(webhook_id, delivery_id))


def _reply(webhook: Item) -> Reply:
    return Reply(_shown(webhook), version=webhook["version"])


def _shown(webhook: Item) -> dict[str, Any]:
    absent = dict.fromkeys(("description", "disabled_reason", "failing_since", "created_by"))
    return Webhook.model_validate({**absent, **webhook}).model_dump()


def _logged(row: Item) -> dict[str, Any]:
    return Delivery.model_validate({"next_at": None, **row}).model_dump()
