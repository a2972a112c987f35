"""The owner's product is what people see, on pages, in mails, in their passkeys and in their authenticator apps."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest

from chalicelib.core.settings import settings
from chalicelib.mail.model import TEMPLATES, Mail
from chalicelib.mail_delivery.messages import write
from chalicelib.web import assets
from chalicelib.web.routes import ACCOUNT
from chalicelib.web.routes import web as routes
from tests.builders import PASSWORD, a_user
from tests.functional.apps import ApiClient
from tests.functional.visitors import Visitor

ACME = {
    "product_name": "Acme & Søn",
    "mail_from": "account@acme.example",
    "accent_color": "#b00020",
    "accent_color_dark": "#ffb3b3",
    "mail_logo_url": "https://acme.example/logo.png?a=1&b=2",
    "terms_url": "https://acme.example/terms?a=1&b=2",
    "privacy_url": "https://acme.example/privacy",
    "support": "help@acme.example",
}
OTHERS = re.compile("Rollcall")


@pytest.fixture
def acme():
    with settings.held(**ACME):
        yield


@pytest.fixture
def api():
    return ApiClient(routes)


def colours(api):
    return api.call("GET", f"/assets/{assets.version()}/brand/colours.css").body


@pytest.mark.slow
@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize("locale", ["en", "de"])
@pytest.mark.parametrize("page", ["", *sorted(ACCOUNT)])
def test_a_page_is_the_product_s(api, page, locale):
    html = api.call("GET", f"/account/{page}".rstrip("/"), Accept_Language=locale).body
    assert OTHERS.findall(html) == []
    assert html.count("Acme &amp; Søn") == 3
    assert re.findall(r'href="(https:[^"]*|mailto:[^"]*)"', html) == [
        "https://acme.example/terms?a=1&amp;b=2",
        "https://acme.example/privacy",
        "mailto:help@acme.example",
    ]


@pytest.mark.usefixtures("acme")
def test_its_colours_and_its_sign_are_files_of_their_own_version(api):
    with settings.held(accent_color="#006d3c"):
        green, version = colours(api), assets.version()
    assert "--accent: #006d3c;" in green
    assert "--accent: #b00020;" in colours(api)
    assert "--accent: #ffb3b3;" in colours(api)
    assert assets.version() != version
    icon = api.call("GET", f"/assets/{assets.version()}/brand/icon.svg")
    assert (icon.status, icon.headers["Content-Type"]) == (200, "image/svg+xml")
    assert ">A</text>" in icon.body
    assert OTHERS.findall(icon.body) == []


def test_its_logo_is_a_file_of_the_owner_s(api, tmp_path):
    logo = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'
    (tmp_path / "sign.svg").write_text(logo, "utf-8")
    with settings.held(product_name="Acme", logo="sign.svg"):
        assert assets.icon("ours", (tmp_path,)) == logo


def test_a_provider_s_sign_is_a_file_of_the_owner_s(tmp_path):
    for folder, sign in (("wording", "own"), ("vendor", "packaged")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "connection-corp.svg").write_text(sign, "utf-8")
    (tmp_path / "vendor" / "connection-my-google.svg").write_text("google", "utf-8")
    (tmp_path / "vendor" / "sign.svg").write_text("another", "utf-8")
    folders = (tmp_path / "wording", tmp_path / "vendor", tmp_path / "missing")
    assert assets.signs(folders) == {"connection-corp.svg": "own", "connection-my-google.svg": "google"}
    assert assets.signs() == {}


def test_without_links_there_is_no_place_for_them(api):
    html = api.call("GET", "/account").body
    assert ("<footer>" in html, 'href=""' in html) == (False, False)
    with settings.held(support="https://acme.example/help"):
        html = api.call("GET", "/account").body
    assert (html.count("<li><a href="), 'href=""' in html) == (1, False)
    assert 'href="https://acme.example/help"' in html


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize("locale", ["en", "de"])
@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_a_mail_is_the_product_s(aws, template, locale):
    mail = Mail(
        id="M1",
        template=template,
        to="ann@example.com",
        locale=locale,
        token_of="I1",
        data={"name": "Ann", "at": "today"},
    )
    message = write(mail)
    assert OTHERS.findall(message.subject + message.text + message.html) == []
    assert "Acme & Søn: " in message.text
    assert "Acme &amp; Søn" in message.html
    assert "https://acme.example/logo.png?a=1&amp;b=2" in message.html
    assert "#b00020" in message.html
    for body, link in ((message.text, "a=1&b=2"), (message.html, "a=1&amp;b=2")):
        assert f"https://acme.example/terms?{link}" in body
        assert "https://acme.example/privacy" in body
        assert "help@acme.example" in body


@pytest.mark.slow
@pytest.mark.usefixtures("aws", "held_clock", "acme")
def test_passkeys_and_authenticator_apps_have_its_name():
    a_user(email="ada@maths.example", password=PASSWORD, email_verified=True)
    ada = Visitor()
    ada.enter("ada@maths.example")
    options = ada.call("POST", "/me/passkeys/options").body
    assert options["rp"]["name"] == "Acme & Søn"
    url = unquote(ada.call("POST", "/me/totp").body["otpauth_url"])
    assert url.startswith("otpauth://totp/Acme & Søn:ada@maths.example")
