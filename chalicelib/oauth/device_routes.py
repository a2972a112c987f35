"""Device authorization over HTTP (RFC 8628)."""

from __future__ import annotations

from chalice import Blueprint

from chalicelib.core.http.routing import (
    ANYONE,
    FORM,
    FORM_LIMIT,
    SIGNED_IN,
    NoQuery,
    Proof,
    Reply,
    Request,
    declares,
)
from chalicelib.oauth.authorization.signed_in import signed_in_of
from chalicelib.oauth.client_authentication import client_of
from chalicelib.oauth.device import approve, begin
from chalicelib.oauth.device.schemas import DeviceAnswer, DeviceCodes, DeviceForm, DeviceStep
from chalicelib.oauth.token_endpoint.errors import OAUTH_ERRORS, UNCACHED

devices = Blueprint(__name__)


@devices.route("/oauth2/device", methods=["POST"], content_types=[])
@declares(
    who=ANYONE,
    body=DeviceForm,
    answers={200: DeviceCodes},
    media_types=(FORM,),
    body_limit=FORM_LIMIT,
    errors=OAUTH_ERRORS,
)
def begin_on_device(request: Request[DeviceForm, NoQuery]) -> Reply:
    """Begin on a device without a browser, as its client: it shows a code, and waits until somebody has answered."""
    fields = request.body.model_dump(exclude_none=True)
    client = client_of(fields, request.headers.get("authorization", ""), request.source_ip)
    return Reply(begin.begin(client, fields, request.source_ip), headers={**UNCACHED})


@devices.route("/oauth2/device/approve", methods=["POST"], content_types=[])
@declares(who=SIGNED_IN, body=DeviceAnswer, answers={200: DeviceStep}, proof=Proof.PERSON)
def answer_device(request: Request[DeviceAnswer, NoQuery]) -> dict[str, object]:
    """See what a device asks for, by the code that it shows, and allow it or say no."""
    answer = request.body
    return approve.answer(answer.user_code, signed_in_of(request.caller), request.source_ip, answer.allow)
