"""What a mail says: subject, text and HTML, from `<locale>/<name>.{subject,txt,html}`.

The owner of a stage replaces words and adds locales in the folder `vendor/wording` (docs/mail.md); the rest
comes from `templates`. A locale that lacks one of a message's three files falls back to its language (`de-AT` to
`de`), then to `DEFAULT_LOCALE`, then to `en`. Messages that strangers can cause have no name in them: who
registers chooses the name, and could send any words to another's mailbox.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib.core import brand, locales, texts, wording
from chalicelib.core.crypto import links
from chalicelib.core.errors import Malformed
from chalicelib.core.settings import settings
from chalicelib.mail.model import PLAIN, SUBJECT_LIMIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    import jinja2

    from chalicelib.mail.model import Mail

FOLDERS = (*wording.FOLDERS, Path(__file__).parent / "templates")
"""A file is taken from the first folder that has it."""

PARTS = ("subject", "txt", "html")

LINKS = {
    "confirm_registration": ("confirm", "/account/confirm"),
    "password_reset": ("reset", "/account/reset"),
    "sign_in_code": ("code", "/account/code"),
    "confirm_email": ("email", "/account/email"),
    "invitation": ("invitation", "/account/invitation"),
}
"""The templates that carry a token: its purpose, and the page that takes it. The record that it names, an intent, or
for an invitation the person, is what `warrants` has read (`Mail.token_of`)."""

OPTIONAL = ("name", "until", "after_import", "asked_at", "asked_from", "asked_with")
"""The values that a template may use and that may be empty."""

TYPED = frozenset({"sign_in_code"})
"""The templates whose code is a short one, to be typed; that of others is the token again."""


@dataclass(frozen=True)
class Message:
    """A written mail. `html` is empty where there is none."""

    subject: str
    text: str
    html: str = ""


def write(mail: Mail, folders: Sequence[Path] = FOLDERS) -> Message:
    """Write a mail. Its link and token are made here and stored nowhere.

    Raises Malformed where the request lacks what its template needs, or the template itself is broken.
    """
    if mail.template == PLAIN:
        return Message(_one_line(mail.data["subject"]), mail.data["body"])
    import jinja2

    environment = _environment(tuple(folders))
    locale = _locale(environment, mail.template, mail.locale or "")
    values = _values(mail) | {"locale": locale}
    try:
        subject, text, html = (
            environment.get_template(f"{locale}/{mail.template}.{part}").render(values) for part in PARTS
        )
    except jinja2.UndefinedError as error:
        raise Malformed(f"the request lacks what the template {mail.template} needs") from error
    except jinja2.TemplateError as error:
        raise Malformed(f"the template {mail.template} is broken in the locale {locale}") from error
    return Message(_one_line(subject), text, html)


def _one_line(subject: str) -> str:
    """A subject without line breaks, which would begin headers of their own, and whatever else could not be seen."""
    return texts.shown(subject, SUBJECT_LIMIT)


def _values(mail: Mail) -> dict[str, Any]:
    values = {**_of_the_product(), **dict.fromkeys(OPTIONAL, ""), **mail.data}
    if mail.expires_at is not None:
        values["until"] = readable(datetime.fromtimestamp(mail.expires_at, UTC))
    if mail.template in LINKS:
        purpose, path = LINKS[mail.template]
        if not mail.token_of:
            raise Malformed(f"no record warrants the token of the template {mail.template}")
        token = links.mint(purpose, mail.token_of)
        values["link"] = links.url(path, token)
        values["code"] = links.short_code(purpose, mail.token_of) if mail.template in TYPED else token
    return values


def _of_the_product() -> dict[str, str]:
    """What every mail may say of whose product it is from. What is not set is empty."""
    current = settings()
    return {
        "public_url": current.public_url,
        "product": current.product_name,
        "accent": current.accent_color,
        "logo_url": current.mail_logo_url,
        "terms_url": current.terms_url,
        "privacy_url": current.privacy_url,
        "support": current.support,
        "support_url": brand.support_link(current.support),
    }


def readable(moment: datetime) -> str:
    """A time as text, in the form that mails of every locale have."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _locale(environment: jinja2.Environment, template: str, preferred: str) -> str:
    """The best locale that has the whole message. `preferred` may be any text: only existing folders are chosen."""
    files = set(environment.list_templates())
    folders = {path.partition("/")[0] for path in files}
    whole = (folder for folder in folders if all(f"{folder}/{template}.{part}" in files for part in PARTS))
    return locales.best([preferred], whole)


@cache
def _environment(folders: tuple[Path, ...]) -> jinja2.Environment:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
