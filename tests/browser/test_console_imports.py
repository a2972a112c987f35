"""Files in the console: looked at, tried, imported, mended where they are wrong, and people exported, by mouse and by
the keyboard alone."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from tests.browser.console import (
    HOSTILE,
    confirm,
    enter,
    enter_strongly,
    fill,
    in_dialog,
    sees_badge,
    sees_text_alone,
    tab_to,
)
from tests.cloud.people import PASSWORD
from tests.functional.vendor_files import BCRYPT

AUTH0 = [
    {"user_id": "auth0|b1", "email": "moved@example.com", "name": "Moved", "last_login": "2026-01-01"},
    {"user_id": "auth0|b2", "email": "no address", "user_metadata": {"plan": "gold"}},
]


def chosen(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A file as a browser's dialog for choosing one gives it."""
    return {"name": name, "mimeType": "application/json", "buffer": json.dumps(rows).encode()}


def table(name: str, text: str) -> dict[str, Any]:
    """A CSV that no system that we know writes."""
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


def open_imports(site, visitor, email: str) -> None:
    """An administrator at the page, who may send files to the bucket."""
    form = site.deployed.strong_admin.call("POST", "/imports", {}).body["upload"]
    visitor.elsewhere.append(form["url"])
    enter(site, visitor, "imports", email, "admin")
    visitor.sees("Imports and exports")


def test_a_file_is_looked_at_tried_imported_and_mended(site, visitor):
    open_imports(site, visitor, "files-admin@example.com")
    visitor.page.locator("#file").set_input_files([chosen("auth0.json", AUTH0)])
    sees_badge(visitor, "Auth0, JSON array")
    expect(visitor.page.locator(".mapping li").filter(has_text="user_metadata")).to_contain_text("attributes")
    expect(visitor.page.locator(".mapping li").filter(has_text="last_login")).to_contain_text("left out")
    sees_badge(visitor, "would be refused")
    visitor.reads("is not an email address")

    visitor.press("Try it, and write nothing")
    visitor.sees("auth0.json")
    sees_badge(visitor, "trial")
    expect(visitor.page.locator(".figures > div").filter(has_text="Would be created")).to_contain_text("1")
    assert site.deployed.admin.call("GET", "/users?email=moved@example.com").body["items"] == []

    visitor.press("Import auth0.json")
    expect(visitor.page.locator("main .badge").get_by_text("trial")).to_have_count(0)
    visitor.press("Show the refused row")
    visitor.page.get_by_label("email of line 1").fill("mended@example.com")
    visitor.press("Send the chosen rows again")
    visitor.told("1 row was sent again.")
    expect(visitor.page.locator(".figures > div").filter(has_text="Refused")).to_contain_text("0")
    expect(visitor.page.get_by_role("heading", name="Refused rows")).to_have_count(0)
    (person,) = site.deployed.admin.call("GET", "/users?email=mended@example.com").body["items"]
    assert person["attributes"] == {"plan": "gold"}

    visitor.follow("All imports")
    expect(visitor.page.get_by_role("row").filter(has_text="trial")).not_to_have_count(0)


RAILS = f"""id,email,encrypted_password,full_name,dob,plan,otp_secret
71,rails-1@example.com,{BCRYPT},Ann Rails,02/01/1985,gold,JBSWY3DP
72,rails-2@example.com,{BCRYPT},Bea Rails,03/12/1990,free,
"""


def test_an_unknown_table_is_imported_as_somebody_says_where_its_columns_go(site, visitor):
    open_imports(site, visitor, "files-mapper@example.com")
    visitor.page.locator("#file").set_input_files([table("rails.csv", RAILS)])
    expect(visitor.page.get_by_label("Where encrypted_password goes")).to_have_value("password_hash")
    expect(visitor.page.get_by_role("row", name=re.compile("^otp_secret"))).to_contain_text("left out")
    visitor.reads("must be a date like 1999-12-31")
    visitor.page.get_by_label("How dob is read").select_option("day, month, year")
    visitor.page.get_by_label("Where plan goes").select_option("attributes.plan")
    sees_badge(visitor, "password: bcrypt")
    expect(visitor.page.locator("main .badge").get_by_text("ready")).to_have_count(2)

    visitor.press("Try it, and write nothing")
    visitor.sees("rails.csv")
    visitor.reads("What did not come as it was")
    expect(visitor.page.get_by_role("row").filter(has_text="otp_secret")).to_contain_text("1")
    expect(visitor.page.locator(".mapping li").filter(has_text="dob")).to_contain_text("birthdate:dmy")
    visitor.press("Import rails.csv")
    expect(visitor.page.locator("main .badge").get_by_text("trial")).to_have_count(0)
    expect(visitor.page.locator(".figures > div").filter(has_text="Created")).to_contain_text("2")
    person = site.deployed.admin.call("GET", "/users/72").body
    assert (person["name"], person["birthdate"]) == ("Bea Rails", "1990-12-03")
    assert person["attributes"] == {"plan": "free"}


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_beside_the_screen_but_parts_that_are_not_visited(site, visitor, width):
    visitor.page.set_viewport_size({"width": width, "height": 900})
    open_imports(site, visitor, f"files-{width}@example.com")
    visitor.reads("Imports so far")
    assert visitor.page.evaluate("document.documentElement.scrollWidth") == width
    visitor.open(f"{site.url}/console/settings")
    visitor.sees("Settings")
    visited = visitor.page.locator("nav [aria-current]").bounding_box()
    assert visited["x"] >= 0
    assert visited["x"] + visited["width"] <= width


def test_a_file_goes_in_by_the_keyboard_alone(site, visitor):
    open_imports(site, visitor, "files-keys@example.com")
    file = chosen("keys.json", [{"email": "by-keys@example.com", "age": 30}])
    # Listened for from the beginning: a busy browser may open the dialog before it knows that somebody waits for it.
    visitor.page.on("filechooser", lambda chooser: chooser.set_files([file]))
    # The keyboard is taken to the heading once all of the page is there.
    expect(visitor.page.get_by_role("heading", level=1)).to_be_focused()
    tab_to(visitor, "Drop a file here, or choose one")
    visitor.page.keyboard.press("Enter")
    sees_badge(visitor, "ready")
    tab_to(visitor, "Import now")
    visitor.page.keyboard.press("Enter")
    visitor.sees("keys.json")
    sees_badge(visitor, "finished")
    assert site.deployed.admin.call("GET", "/users?email=by-keys@example.com").body["items"]


def test_what_a_file_holds_is_shown_as_text_and_runs_nothing(site, visitor):
    open_imports(site, visitor, "files-hostile@example.com")
    row = {"email": HOSTILE, "name": HOSTILE, "attributes": {HOSTILE: HOSTILE}, HOSTILE[:60]: 1}
    visitor.page.locator("#file").set_input_files([chosen(f"{HOSTILE}.json", [row, {"name": "Fine"}])])
    sees_badge(visitor, "would be refused")
    sees_text_alone(visitor)
    visitor.press("Import now")
    visitor.press("Show the refused row")
    expect(visitor.page.get_by_label("email of line 1")).to_have_value(HOSTILE)
    sees_text_alone(visitor)


def test_columns_of_any_table_are_chosen_by_the_keyboard_and_run_nothing(site, visitor):
    open_imports(site, visitor, "files-columns@example.com")
    quoted = HOSTILE.replace('"', '""')
    file = table(f"{HOSTILE}.csv", f'mail,"{quoted}",city\nkeys-2@example.com,"{quoted}",Oslo\n')
    visitor.page.locator("#file").set_input_files([file])
    sees_badge(visitor, "ready")
    sees_text_alone(visitor)
    tab_to(visitor, "Where city goes")
    # As one types what an option begins with.
    visitor.page.keyboard.type("attributes")
    expect(visitor.page.get_by_label("Where city goes")).to_have_value("attributes.city")
    visitor.reads('{"city":"Oslo"}')
    tab_to(visitor, "Try it, and write nothing")
    visitor.page.keyboard.press("Enter")
    sees_badge(visitor, "finished")
    expect(visitor.page.locator(".mapping li").filter(has_text="city")).to_contain_text("attributes.city")
    sees_text_alone(visitor)


def test_a_file_that_is_none_of_ours_says_why(site, visitor):
    open_imports(site, visitor, "files-wrong@example.com")
    zipped = {"name": "book.xlsx", "mimeType": "application/zip", "buffer": b"PK\x03\x04" + bytes(60)}
    visitor.page.locator("#file").set_input_files([zipped])
    visitor.reads("the file is a zip archive")
    expect(visitor.page.get_by_role("button", name="Import now")).to_be_disabled()
    visitor.press("Choose another file")
    visitor.reads("Drop a file here")


def test_the_page_sends_to_the_bucket_and_nowhere_else(site, visitor):
    open_imports(site, visitor, "files-policy@example.com")
    visitor.provoked = "policy"
    bucket = urlsplit(visitor.elsewhere[0])
    other = bucket.geturl().replace("-uploads-", "-work-")
    for address in (other, "https://elsewhere.example/"):
        refused = visitor.page.evaluate(
            """(address) => new Promise((resolve) => {
                 addEventListener("securitypolicyviolation", (seen) => resolve(seen.violatedDirective), { once: true });
                 fetch(address, { method: "POST", mode: "no-cors", body: "x" }).then(() => resolve("sent"), () => {});
               })""",
            address,
        )
        assert refused == "connect-src", address


def test_people_are_exported_by_who_has_proved_a_second_factor(site, visitor):
    enter(site, visitor, "imports?tab=exports", "files-weak@example.com", "admin")
    visitor.page.get_by_role("button", name="Export people").first.click()
    in_dialog(visitor).get_by_role("button", name="Export people").click()
    dialog = in_dialog(visitor).last
    dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Go on").click()
    visitor.warned("second factor")


def test_an_export_is_followed_to_its_file(site, visitor):
    enter_strongly(site, visitor, "imports?tab=exports", "files-out@example.com")
    visitor.page.get_by_role("button", name="Export people").first.click()
    in_dialog(visitor).get_by_label("Format").select_option("Amazon Cognito: user import (CSV)")
    fill(visitor, role="admin")
    confirm(visitor, "Export people")
    sees_badge(visitor, "finished")
    expect(visitor.page.locator(".facts > div").filter(has_text="Left out of the file")).to_contain_text("roles: ")
    link = visitor.page.get_by_role("link", name="Download the file")
    with urlopen(str(link.get_attribute("href"))) as file:
        header, *people = file.read().decode().splitlines()
    assert header.startswith("cognito:username,name,")
    assert [row for row in people if ",files-out@example.com,true," in row]


def test_support_is_not_let_in(site, visitor):
    enter(site, visitor, "imports", "files-support@example.com", "support")
    visitor.sees("This is not for you")
    expect(visitor.page.get_by_role("navigation").get_by_role("link", name="Imports")).to_have_count(0)
