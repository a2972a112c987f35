"""The body of a request, as the model that its route declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from pydantic_core import from_json

from chalicelib.core.errors import Malformed, TooLarge, UnsupportedMedia
from chalicelib.core.http.declarations import FORM
from chalicelib.core.http.models import validated
from chalicelib.core.http.replies import JSON

if TYPE_CHECKING:
    from chalicelib.core.http.declarations import Declaration


def body_of(declaration: Declaration, incoming: Any) -> Any:
    """The body of a request, validated; None where the route takes none.

    Raises TooLarge, UnsupportedMedia, Malformed and Invalid.
    """
    if declaration.body is None:
        return None
    raw: bytes = incoming.raw_body
    if len(raw) > declaration.body_limit:
        raise TooLarge(f"the body is above {declaration.body_limit:,} bytes")
    media_type = incoming.headers.get("content-type", JSON).partition(";")[0].strip().lower()
    if media_type not in declaration.media_types:
        raise UnsupportedMedia(f"this route takes {' or '.join(declaration.media_types)}")
    if media_type == FORM:
        return validated(declaration.body, _form(raw))
    if not raw and not any(field.is_required() for field in declaration.body.model_fields.values()):
        return validated(declaration.body, {})
    try:
        document = from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise Malformed(f"the body is not JSON in UTF-8: {error}") from error
    if not isinstance(document, dict):
        raise Malformed("the body is not a JSON object")
    return validated(declaration.body, document)


def _form(raw: bytes) -> dict[str, str]:
    """The fields of a form. Raises Malformed where a field was sent twice: nothing says which of its values counts."""
    pairs = parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True)
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Malformed("a field was sent twice")
    return fields
