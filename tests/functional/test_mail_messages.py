"""The words of every mail: each template in text and HTML, in the reader's locale where there is one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chalicelib.core.crypto import links
from chalicelib.core.errors import Malformed
from chalicelib.core.locales import COMPLETE
from chalicelib.core.settings import settings
from chalicelib.mail.model import TEMPLATES, Mail
from chalicelib.mail_delivery.messages import (
    FOLDERS,
    LINKS,
    PARTS,
    write,
)

DATA = {"name": "Zoë <i>", "at": "2026-03-01 at 12:00 UTC"}
FOR_STRANGERS = {"confirm_registration", "already_registered", "password_reset", "sign_in_code", "confirm_email"}


def mail(template: str, **fields: object) -> Mail:
    return Mail(id="M1", template=template, to="ann@example.com", **{"data": DATA, "token_of": "I1", **fields})


def locales() -> list[str]:
    """Every locale of this checkout, the owner's included."""
    return sorted(
        {path.name for folder in FOLDERS if folder.is_dir() for path in folder.iterdir() if path.is_dir()}
    )


@pytest.mark.parametrize("locale", locales())
def test_every_message_is_whole(aws, locale):
    until = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp())
    for template in sorted(TEMPLATES):
        message = write(mail(template, expires_at=until, locale=locale))
        assert message.subject == message.subject.strip() != "", template
        assert message.html.startswith("<!doctype html>"), template
        assert "<i>" not in message.html, template
        for body in (message.text, message.html):
            assert not set(body) & set("{}"), template
            assert ("#token=I1." in body) == (template in LINKS), template
            assert ("2026-03-02 00:00 UTC" in body) == (template in LINKS), template


def test_what_strangers_can_cause_carries_no_words_of_theirs(aws):
    for template in sorted(FOR_STRANGERS):
        message = write(mail(template))
        assert "Zoë" not in message.subject + message.text + message.html, template


def test_each_default_message_has_its_three_files():
    files = {f"{template}.{part}" for template in TEMPLATES for part in PARTS}
    for locale in (COMPLETE, "de"):
        assert {path.name for path in (FOLDERS[-1] / locale).iterdir()} == files | {"footer.html", "footer.txt"}


def test_a_sign_in_mail_brings_a_link_and_a_code_to_type(aws):
    message = write(mail("sign_in_code"))
    assert links.url("/account/code", links.mint("code", "I1")) in message.text
    assert f"Code: {links.short_code('code', 'I1')}\n" in message.text
    assert links.short_code("code", "I1") in message.html


@pytest.fixture
def templates(tmp_path):
    """An owner's folder: English, and German for all but one part of one message."""
    for locale, word in {"en": "Hello", "de": "Hallo", "pt-BR": "Oi", "zh-Hant": "\u55e8"}.items():
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
        ("pt-br", "birthday", "Oi"),
        ("PT_br", "birthday", "Oi"),
        ("pt-BR-abl1943", "birthday", "Oi"),
        ("zh-Hant-TW", "birthday", "\u55e8"),
        ("ZH_hant_tw", "birthday", "\u55e8"),
        ("zh-Hant-CN-x-private1-private2", "birthday", "\u55e8"),
        ("zh-TW", "birthday", "Hello"),
        ("pt", "birthday", "Hello"),
        ("fr", "birthday", "Hello"),
        ("de", "email_changed", "Hello"),
        ("../de", "birthday", "Hello"),
    ],
)
def test_the_best_locale_that_has_the_whole_message(templates, locale, template, word):
    message = write(mail(template, locale=locale, data={"name": "<Ann>"}), [templates])
    assert (message.subject, message.text) == (f"{word} <Ann>", f"{word} <Ann>")
    assert message.html == f"{word} &lt;Ann&gt;"


def test_a_template_that_wants_more_than_it_gets_says_so(tmp_path):
    (tmp_path / "en").mkdir()
    for part in PARTS:
        (tmp_path / "en" / f"birthday.{part}").write_text("{{ present }}")
    with pytest.raises(Malformed, match="template birthday"):
        write(mail("birthday", data={}), [tmp_path])


def test_a_broken_template_says_which_it_is(tmp_path):
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "birthday.txt").write_text("{{ name ")
    with pytest.raises(Malformed, match="template birthday is broken in the locale en"):
        write(mail("birthday"), [tmp_path, FOLDERS[-1]])


def test_an_owner_replaces_one_file_the_layout_or_a_whole_language(tmp_path):
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "birthday.subject").write_text("Many happy returns, {{ name }}")
    (tmp_path / "layout.html").write_text("<body>{% block content %}{% endblock %}Acme Ltd</body>")
    (tmp_path / "nl").mkdir()
    for part in PARTS:
        (tmp_path / "nl" / f"birthday.{part}").write_text("Gefeliciteerd")
    folders = [tmp_path, FOLDERS[-1]]
    english = write(mail("birthday"), folders)
    assert english.subject == "Many happy returns, Zoë <i>"
    assert english.text == write(mail("birthday")).text
    assert english.html.startswith("<body>")
    assert "happy birthday" in english.html
    assert "Acme Ltd" in english.html
    assert write(mail("birthday", locale="nl"), folders).text == "Gefeliciteerd"
    assert write(mail("password_changed", locale="nl"), folders).subject == "Your password was changed"


@settings.held(default_locale="de-CH")
def test_the_default_locale_comes_before_english(templates):
    said = [write(mail("birthday", locale=locale), [templates]).text for locale in (None, "fr", "pt-BR")]
    assert [text.split()[0] for text in said] == ["Hallo", "Hallo", "Oi"]
    assert write(mail("email_changed"), [templates]).text.startswith("Hello")
