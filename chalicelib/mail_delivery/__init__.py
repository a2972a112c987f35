"""Consumes the queue `mail`: what a mail says, whether a record warrants it, sending it once, and its feedback."""

from __future__ import annotations

from typing import Any

__all__ = ["why_no_mail"]


def why_no_mail(event: dict[str, Any]) -> str | None:
    """Why no mail is sent for such an event, whoever it is about; None where a record may warrant one."""
    from chalicelib.mail_delivery import intake

    return intake.why_no_mail(event)
