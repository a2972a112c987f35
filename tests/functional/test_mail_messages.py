"""The words of every mail: each template in text and HTML, in the reader's locale where there is one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chalicelib.core import links
from chalicelib.core.errors import Malformed
from chalicelib.mail.messages import FOLDER, LINKS, PARTS, write
from chalicelib.mail.model import TEMPLATES, Mail

DATA = {"intent_id": "I1", "name": "Zoë <i>", "at": "2026-03-01 at 12:00 UTC", "subject": "<S>", "text": "<T>"}
FOR_STRANGERS = {"confirm_registration", "already_registered", "password_reset", "sign_in_code", "confirm_email"}


def mail(template: str, **fields: object) -> Mail:
    return Mail(id="M1", template=template, to="ann@example.com", **{"data": DATA, **fields})


def test_every_message_is_whole(aws):
    until = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp())
    for template in sorted(TEMPLATES):
        message = write(mail(template, expires_at=until))
        assert message.subject == message.subject.strip() != "", template
        assert message.html.startswith("<!doctype html>"), template
        for markup in ("<i>", "<T>"):
            assert markup not in message.html, template
        for body in (message.text, message.html):
            assert not set(body) & set("{}"), template
            assert ("#token=I1." in body) == (template in LINKS), template
            assert ("2026-03-02 00:00 UTC" in body) == (template in LINKS), template


def test_what_strangers_can_cause_carries_no_words_of_theirs(aws):
    for template in sorted(FOR_STRANGERS):
        message = write(mail(template))
        assert "Zoë" not in message.subject + message.text + message.html, template


def test_each_default_message_has_its_three_files():
    assert {path.name for path in (FOLDER / "en").iterdir()} == {
        f"{template}.{part}" for template in TEMPLATES for part in PARTS
    }


def test_a_sign_in_mail_brings_a_link_and_a_code_to_type(aws):
    message = write(mail("sign_in_code"))
    assert links.url("/account/code", links.mint("code", "I1")) in message.text
    assert f"Code: {links.short_code('code', 'I1')}\n" in message.text
    assert links.short_code("code", "I1") in message.html


@pytest.fixture
def templates(tmp_path):
    """An owner's folder: English, and German for all but one part of one message."""
    for locale, word in {"en": "Hello", "de": "Hallo", "pt-BR": "Oi"}.items():
        (tmp_path / locale).mkdir()
        for name in ("birthday", "email_changed"):
            for part in PARTS:
                (tmp_path / locale / f"{name}.{part}").write_text(f"{word} {{{{ name }}}}")
    (tmp_path / "de" / "email_changed.html").unlink()
    return tmp_path


@pytest.mark.parametrize(
    ("locale", "template", "word"),
    [
        (None, "birthday", "Hello"),
        ("de", "birthday", "Hallo"),
        ("de-AT", "birthday", "Hallo"),
        ("de_AT", "birthday", "Hallo"),
        ("DE", "birthday", "Hallo"),
        ("pt-BR", "birthday", "Oi"),
        ("pt", "birthday", "Hello"),
        ("fr", "birthday", "Hello"),
        ("de", "email_changed", "Hello"),
        ("../de", "birthday", "Hello"),
    ],
)
def test_the_best_locale_that_has_the_whole_message(templates, locale, template, word):
    message = write(mail(template, locale=locale, data={"name": "<Ann>"}), templates)
    assert (message.subject, message.text) == (f"{word} <Ann>", f"{word} <Ann>")
    assert message.html == f"{word} &lt;Ann&gt;"


def test_a_template_that_wants_more_than_it_gets_says_so(tmp_path):
    (tmp_path / "en").mkdir()
    for part in PARTS:
        (tmp_path / "en" / f"birthday.{part}").write_text("{{ present }}")
    with pytest.raises(Malformed, match="template birthday"):
        write(mail("birthday", data={}), tmp_path)
