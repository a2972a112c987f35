"""Answers that are too long for HTTP: put into the work bucket, and answered by a link."""

from __future__ import annotations

from chalicelib.core import ids
from chalicelib.core.aws import clients
from chalicelib.core.settings import settings

LINK_SECONDS = 600

FOLDER = "answers/"
"""Of the work bucket; emptied after `retention.ANSWERS_DAYS`."""


def link_to(body: bytes, media_type: str) -> str:
    """Put an answer into the work bucket under a name that nobody can guess: a link to it, good for ten minutes for
    whoever has it."""
    s3, location = (
        clients.client("s3"),
        {"Bucket": settings().bucket("work"), "Key": f"{FOLDER}{ids.new_secret()}"},
    )
    s3.put_object(**location, Body=body, ContentType=media_type)
    url: str = s3.generate_presigned_url("get_object", Params=location, ExpiresIn=LINK_SECONDS)
    return url
