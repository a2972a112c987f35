"""What OAuth clients were told of the end of sessions, over HTTP: the log, and once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib import oauth
from chalicelib.core.http.routing import ADMIN, NoQuery, Proof, Request, declares, listing
from chalicelib.webhooks import logouts
from chalicelib.webhooks.delivery_store import deliveries
from chalicelib.webhooks.model import CLIENT_PREFIX
from chalicelib.webhooks.schemas import DeliveryQuery, LogoutDelivery, LogoutDeliveryList

if TYPE_CHECKING:
    from chalicelib.webhooks.rows import DeliveryRow

logout_log = Blueprint(__name__)


@logout_log.route("/clients/{client_id}/logout-deliveries", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, query=DeliveryQuery, answers={200: LogoutDeliveryList, 303: None})
def list_logout_deliveries(request: Request[None, DeliveryQuery], client_id: str) -> dict[str, Any]:
    """List what a client was told of the end of sessions in the last 30 days, that of the newest session first,
    with every attempt."""
    oauth.clients().get(client_id)
    page_request = request.page_request()
    result_page = deliveries().listing(
        f"{CLIENT_PREFIX}{client_id}",
        state=request.query.state,
        limit=page_request.limit,
        start=page_request.start,
    )
    return listing([_logged(row) for row in result_page.items], page_request.cursor(result_page.next))


@logout_log.route("/clients/{client_id}/logout-deliveries/{delivery_id}/retry", methods=["POST"], content_types=[])
@declares(who=ADMIN, answers={202: LogoutDelivery}, proof=Proof.RECENT)
def retry_logout_delivery(_request: Request[None, NoQuery], client_id: str, delivery_id: str) -> dict[str, Any]:
    """Tell a client once more, now, with a new token."""
    return _logged(logouts.retry(client_id, delivery_id))


def _logged(row: DeliveryRow) -> dict[str, Any]:
    return LogoutDelivery.model_validate(
        {"next_at": None, "event_id": None, "session_id": None, **row, "user_id": row["subject"]}
    ).model_dump()
