"""Webhooks over HTTP: endpoints, their secrets, and the log of what was delivered to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib.core import clock
from chalicelib.core.http.routing import ADMIN, PATCHES, NoQuery, Proof, Reply, Request, declares, listing
from chalicelib.webhooks import endpoints, exchange, secrets, store
from chalicelib.webhooks.delivery_store import deliveries
from chalicelib.webhooks.schemas import (
    Delivery,
    DeliveryList,
    DeliveryWithBody,
    NewSecret,
    NewTest,
    NewWebhook,
    NewWebhookWithSecret,
    Webhook,
    WebhookDeliveryQuery,
    WebhookList,
    WebhookPatch,
)

if TYPE_CHECKING:
    from chalicelib.webhooks.rows import DeliveryRow, WebhookRow

webhooks = Blueprint(__name__)


@webhooks.route("/webhooks", methods=["POST"], content_types=[])
@declares(who=ADMIN, body=NewWebhook, answers={201: NewWebhookWithSecret}, proof=Proof.RECENT)
def create_webhook(request: Request[NewWebhook, NoQuery]) -> Reply:
    """Have events sent to a URL, signed after Standard Webhooks. The secret is shown in this answer only."""
    fields = {**request.body.model_dump(exclude_none=True), "created_by": request.caller.id}
    webhook, secret = endpoints.create(fields)
    return Reply({**_shown(webhook), "secret": secret}, version=webhook["version"])


@webhooks.route("/webhooks", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, answers={200: WebhookList})
def list_webhooks(request: Request[None, NoQuery]) -> dict[str, Any]:  # noqa: ARG001 - every route takes one
    """List every webhook, oldest first; there are 50 at most."""
    return listing([_shown(webhook) for webhook in store.webhooks().all()], None)


@webhooks.route("/webhooks/{webhook_id}", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, answers={200: Webhook, 304: None})
def read_webhook(request: Request[None, NoQuery], webhook_id: str) -> Reply:  # noqa: ARG001 - every route takes one
    """Read one webhook."""
    return _reply(store.webhooks().get(webhook_id))


@webhooks.route("/webhooks/{webhook_id}", methods=["PATCH"], content_types=[])
@declares(who=ADMIN, body=WebhookPatch, answers={200: Webhook}, media_types=PATCHES, proof=Proof.RECENT)
def change_webhook(request: Request[WebhookPatch, NoQuery], webhook_id: str) -> Reply:
    """Change, disable or enable a webhook. Events of the next few seconds may still go by what was before."""
    patch = request.body.model_dump(exclude_unset=True)
    return _reply(endpoints.change(webhook_id, patch, request.expected_version()))


@webhooks.route("/webhooks/{webhook_id}", methods=["DELETE"], content_types=[])
@declares(who=ADMIN, answers={204: None}, proof=Proof.RECENT)
def remove_webhook(request: Request[None, NoQuery], webhook_id: str) -> None:
    """Remove a webhook; what waits to be delivered to it is dropped."""
    store.webhooks().remove(store.webhooks().get(webhook_id), request.expected_version())


@webhooks.route("/webhooks/{webhook_id}/rotate-secret", methods=["POST"], content_types=[])
@declares(who=ADMIN, answers={200: NewSecret}, proof=Proof.RECENT)
def rotate_secret(request: Request[None, NoQuery], webhook_id: str) -> Reply:
    """Replace the secret. For a day deliveries are signed with both, so that no receiver fails meanwhile."""
    webhook, secret = endpoints.rotate_secret(webhook_id, request.expected_version())
    until = clock.timestamp(clock.now() + secrets.ROTATION)
    return Reply({"secret": secret, "previous_valid_until": until}, version=webhook["version"])


@webhooks.route("/webhooks/{webhook_id}/test", methods=["POST"], content_types=[])
@declares(who=ADMIN, body=NewTest, answers={202: Delivery}, idempotent=True, proof=Proof.RECENT)
def test_webhook(request: Request[NewTest, NoQuery], webhook_id: str) -> dict[str, Any]:
    """Sign and send a past event, or one made up. The log of deliveries shows what the endpoint answered."""
    past = request.body.model_dump(exclude_none=True)
    return _logged(endpoints.test(webhook_id, past or None))


@webhooks.route("/webhooks/{webhook_id}/deliveries", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, query=WebhookDeliveryQuery, answers={200: DeliveryList, 303: None})
def list_deliveries(request: Request[None, WebhookDeliveryQuery], webhook_id: str) -> dict[str, Any]:
    """List the deliveries of the last 30 days, newest event first, with every attempt and its answer."""
    store.webhooks().get(webhook_id)
    page_request, query = request.page_request(), request.query
    wanted = {"state": query.state, "type": query.type, "subject": query.user}
    result_page = deliveries().listing(webhook_id, limit=page_request.limit, start=page_request.start, **wanted)
    return listing([_logged(row) for row in result_page.items], page_request.cursor(result_page.next))


@webhooks.route("/webhooks/{webhook_id}/deliveries/{delivery_id}", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, answers={200: DeliveryWithBody})
def read_delivery(_request: Request[None, NoQuery], webhook_id: str, delivery_id: str) -> dict[str, Any]:
    """Read one delivery with the body that is signed and sent."""
    store.webhooks().get(webhook_id)
    row = deliveries().get(webhook_id, delivery_id)
    sent = {"content_type": exchange.CONTENT_TYPE, "user_agent": exchange.USER_AGENT, "body": endpoints.body(row)}
    return {**_logged(row), **sent}


@webhooks.route("/webhooks/{webhook_id}/deliveries/{delivery_id}/retry", methods=["POST"], content_types=[])
@declares(who=ADMIN, answers={202: Delivery}, proof=Proof.RECENT)
def retry_delivery(request: Request[None, NoQuery], webhook_id: str, delivery_id: str) -> dict[str, Any]:  # noqa: ARG001
    """Send one delivery again now, whatever became of it before."""
    return _logged(endpoints.retry(webhook_id, delivery_id))


def _reply(webhook: WebhookRow) -> Reply:
    return Reply(_shown(webhook), version=webhook["version"])


def _shown(webhook: WebhookRow) -> dict[str, Any]:
    absent = dict.fromkeys(("description", "disabled_reason", "failing_since", "delivered_at", "created_by"))
    health = {"failures": webhook.get("failures", 0), "resumes_at": webhook.get("probe_at")}
    return Webhook.model_validate({**absent, **webhook, **health}).model_dump()


def _logged(row: DeliveryRow) -> dict[str, Any]:
    return Delivery.model_validate({"next_at": None, **row}).model_dump()
