"""Pages in the language of whoever is in front of them: a German visitor from registration to the end, in no other."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from chalicelib.web import catalogues
from tests.cloud.people import PASSWORD

ENGLISH, GERMAN = (
    {
        key: text
        for path in (catalogues.OURS / each).glob("*.json")
        for key, text in json.loads(path.read_text("utf-8")).items()
    }
    for each in ("en", "de")
)
SAID_IN_ENGLISH_ALONE = {
    text
    for text in ENGLISH.values()
    if isinstance(text, str) and len(text) > 6 and "{" not in text and text not in GERMAN.values()
}


@pytest.fixture
def german(arrive):
    return arrive(locale="de-DE")


def in_german(visitor):
    """The page is, and has nothing of the other language."""
    expect(visitor.page.locator("html")).to_have_attribute("lang", "de")
    shown = visitor.page.evaluate("document.body.innerText")
    assert {text for text in SAID_IN_ENGLISH_ALONE if re.search(rf"\b{re.escape(text)}", shown)} == set()


def test_a_german_visitor_registers_and_stays_in_german_to_the_end(site, german):
    email = "grete@example.com"
    german.open("register")
    german.sees("Konto anlegen")
    german.press("Konto anlegen")
    german.warned("E-Mail-Adresse: fehlt")
    in_german(german)
    german.field("name").fill("Grete Hermann")
    german.field("e-mail-adresse").fill(email)
    german.field("passwort").fill("Grete Hermann 1901")
    german.reads("Besteht aus Ihrem Namen oder Ihrer Adresse.")
    german.press("Konto anlegen")
    german.warned("ist leicht zu erraten")
    in_german(german)
    german.field("passwort").fill(PASSWORD)
    german.reads("So weit ist alles gut.")
    german.press("Konto anlegen")
    german.sees("Sehen Sie in Ihr Postfach")
    in_german(german)

    german.open(site.link_to(email, "confirm"))
    german.sees("Adresse bestätigen")
    german.field("passwort").fill("not what was chosen then")
    german.press("Bestätigen")
    german.warned("ist nicht das, mit dem Sie das Konto angelegt haben")
    german.field("passwort").fill(PASSWORD)
    german.press("Bestätigen")
    german.sees("Profil")
    in_german(german)
    assert "hat bei Rollcall ein Konto" in site.deployed.mail_to(email, containing="/account/confirm")

    german.field("alter").fill("200")
    german.press("Speichern")
    german.warned("muss eine ganze Zahl von 0 bis 150 sein")
    german.field("alter").fill("40")
    german.press("Speichern")
    german.told("Ihr Profil ist gespeichert.")
    for link, heading in (
        ("Sicherheit", "Anmeldung und Sicherheit"),
        ("Geräte", "Geräte"),
        ("Ihre Daten", "Ihre Daten"),
    ):
        german.follow(link)
        german.sees(heading)
        german.page.wait_for_load_state("networkidle")
        in_german(german)
    german.press("Konto löschen")
    german.warned("muss angekreuzt sein")
    german.page.get_by_label("Mein Konto und alle meine Daten löschen").check()
    german.press("Konto löschen")
    german.sees("Ihr Konto ist gelöscht")
    german.reads("zweite Faktoren")
    in_german(german)


def test_the_language_of_a_person_counts_from_the_first_page_on_which_it_is_known(visitor):
    email = visitor.has_account("language@example.com", locale="de-AT")
    visitor.sign_in(email)
    visitor.sees("Profil")
    in_german(visitor)
    visitor.page.reload()
    visitor.sees("Profil")
    expect(visitor.field("sprache")).to_have_value("de-AT")
    visitor.field("sprache").fill("en")
    visitor.press("Speichern")
    visitor.sees("Profile")
    expect(visitor.page.locator("html")).to_have_attribute("lang", "en")
    expect(visitor.field("language")).to_have_value("en")
    visitor.fill(language="")
    visitor.press("Save")
    visitor.told("Your profile is saved.")
    assert visitor.page.evaluate("document.cookie") == ""


def test_a_link_asks_for_a_language(visitor):
    visitor.open("sign-in?ui_locales=fr%20de-CH")
    visitor.sees("Anmelden")
    in_german(visitor)
    visitor.field("e-mail-adresse").fill("nobody@example.com")
    visitor.field("passwort").fill("not the password at all")
    visitor.press("Anmelden")
    visitor.warned("Die E-Mail-Adresse oder das Passwort ist falsch.")
    in_german(visitor)
