"""Who the mails of a stage come from."""

from __future__ import annotations

from email.utils import formataddr
from typing import TYPE_CHECKING

from chalicelib.core.brand import ROLLCALL

if TYPE_CHECKING:
    from infra.stage import Stage


def sender(stage: Stage) -> str:
    """The sender of every mail, with a parameter for its domain: the product, as RFC 5322 and 2047 write names."""
    product = stage.settings.get("PRODUCT_NAME") or ROLLCALL
    user = stage.settings.get("MAIL_USER") or ("rollcall" if product == ROLLCALL else "account")
    domain = "unset.invalid"
    return formataddr((product, f"{user}@{domain}")).replace(domain, "${MailDomain}")
