"""Where a browser may be sent when it comes back from a provider: pages of this site, and what a connection lists."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from chalicelib.connections.rows import Connection

RETURN_LIMIT = 1200
"""Characters of a `return_to`: it rides in the flow's cookie."""

OWN_PAGE = re.compile(r"/(?:account|oauth2/authorize)(?:[/?][\x21\x22\x24-\x5b\x5d-\x7e]*)?")
"""Pages of this site that a browser may be sent to: those of the account, and where an application sent it to. No
fragment and no backslash."""

OF_ACCOUNT = re.compile(r"/account(?:[/?].*)?")
"""Those whose language is not another application's to choose."""

LANGUAGES = re.compile(r"[A-Za-z0-9-]+(?: [A-Za-z0-9-]+)*")
LANGUAGES_LIMIT = 60
"""Characters of the languages that a flow remembers, for the page that it ends on: they ride in its cookie, too."""


@dataclass(frozen=True)
class Redirect:
    """Where the browser goes, with these cookies."""

    location: str
    cookies: list[str]


def check_return(connection: Connection, return_to: str) -> None:
    """Raises Invalid for a `return_to` that is no page of this site, and not on the connection's list."""
    is_own = len(return_to) <= RETURN_LIMIT and OWN_PAGE.fullmatch(return_to)
    if return_to and not is_own and return_to not in connection.get("return_urls", []):
        message = "must be a page of the account, or on the connection's list"
        raise Invalid([FieldError(field="return_to", message=message)])


def kept_locales(ui_locales: str) -> str:
    """The languages that the way back remembers: none of a list that is too long, or no list of languages."""
    return ui_locales if len(ui_locales) <= LANGUAGES_LIMIT and LANGUAGES.fullmatch(ui_locales) else ""


def destination(return_to: str, ui_locales: str = "") -> str:
    """The URL of a `return_to` that `check_return` has accepted, as `localized`; the page that goes on without one."""
    path = localized(return_to or "/account/connected", ui_locales)
    return f"{settings().public_url}{path}" if path.startswith("/") else path


def localized(return_to: str, ui_locales: str) -> str:
    """A `return_to` in the languages that somebody began in, where it is a page of the account that has none yet."""
    if not ui_locales or not OF_ACCOUNT.fullmatch(return_to) or "ui_locales=" in return_to:
        return return_to
    return f"{return_to}{'&' if '?' in return_to else '?'}ui_locales={quote(ui_locales)}"
