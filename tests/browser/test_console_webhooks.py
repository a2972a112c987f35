"""Endpoints in the console: made, tested, watched, changed and removed, by mouse and by the keyboard alone."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from playwright.sync_api import expect
from standardwebhooks import Webhook

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
    take_secret,
)
from tests.cloud.receiver import receiving
from tests.cloud.stage import eventually


def make(site, url, **fields):
    answer = site.deployed.strong_admin.call("POST", "/webhooks", {"url": url, **fields})
    assert answer.status == 201, answer.body
    return answer.body


def test_an_endpoint_from_making_to_removal(site, visitor):
    enter(site, visitor, "webhooks", "hooks-admin@example.com", "admin")
    visitor.sees("Webhooks")
    with receiving() as receiver:
        receiver.body = b"well received"
        visitor.page.get_by_role("button", name="Add an endpoint").first.click()
        fill(visitor, url="ftp://crm.example/hook", description="Sales")
        in_dialog(visitor).get_by_role("button", name="Add an endpoint").click()
        visitor.warned("must begin with https:// and lead to a host on the public Internet")
        fill(visitor, url=receiver.url)
        visitor.page.get_by_label("Every event").uncheck()
        visitor.page.get_by_text("export", exact=True).click()
        visitor.page.get_by_label("Everything of export").check()
        confirm(visitor, "Add an endpoint")
        secret = take_secret(visitor)
        visitor.sees("Sales")
        expect(visitor.page.locator("pre").last).to_contain_text("WEBHOOK_SECRET")
        visitor.press("Node")
        expect(visitor.page.locator("pre").last).to_contain_text("createServer")
        assert "language=Node" in visitor.page.url

        visitor.press("Send a test")
        confirm(visitor, "Send a test")
        visitor.sees("Test")
        sees_badge(visitor, "delivered")
        sees_badge(visitor, "200")
        visitor.reads("well received")
        ((headers, body),) = receiver.received
        assert Webhook(secret).verify(body, headers)["type"] == "webhook.test"
        request = visitor.page.get_by_role("region", name="The request as it was sent").inner_text()
        assert request.endswith(body.decode())
        assert f"webhook-signature: {dict(headers)['webhook-signature']}" in request
        assert secret not in visitor.page.content()
        visitor.press("Send again")
        confirm(visitor, "Send again")
        expect(visitor.page.locator(".timeline > li")).to_have_count(2)

        visitor.follow(receiver.url)
        visitor.sees("Sales")
        visitor.page.get_by_label("State").select_option("failed")
        visitor.reads("No such delivery")
        visitor.page.reload()
        visitor.reads("No such delivery")
        visitor.page.get_by_label("State").select_option("delivered")
        visitor.reads("1 entry")

        visitor.press("Edit")
        fill(visitor, description="Marketing")
        confirm(visitor, "Save")
        visitor.sees("Marketing")
        visitor.press("Undo")
        visitor.sees("Sales")
        visitor.press("Disable")
        confirm(visitor, "Disable")
        visitor.told("The endpoint is disabled.")
        sees_badge(visitor, "off")
        visitor.press("Undo")
        visitor.told("The endpoint is enabled.")
        visitor.press("New secret")
        confirm(visitor, "New secret")
        assert take_secret(visitor) != secret
        visitor.press("Remove")
        confirm(visitor, "Remove")
        visitor.told("The endpoint is removed.")
        visitor.sees("Webhooks")


def test_an_endpoint_is_made_by_the_keyboard_alone(site, visitor):
    make(site, "https://93.184.215.14/hook", description="Another")
    enter(site, visitor, "webhooks", "hooks-keys@example.com", "admin")
    visitor.sees("Webhooks")
    keyboard = visitor.page.keyboard
    tab_to(visitor, "Add an endpoint")
    keyboard.press("Enter")
    expect(in_dialog(visitor)).to_be_visible()
    expect(in_dialog(visitor).get_by_label("URL")).to_be_focused()
    keyboard.type("https://93.184.215.14/keys")
    tab_to(visitor, "Every event")
    keyboard.press("Space")
    tab_to(visitor, "session")
    keyboard.press("Enter")
    tab_to(visitor, "Signed in session.started")
    keyboard.press("Space")
    tab_to(visitor, "Add an endpoint")
    keyboard.press("Enter")
    visitor.reads("It is shown this once.")
    tab_to(visitor, "I have kept it")
    keyboard.press("Enter")
    visitor.sees("93.184.215.14")
    hooks = site.deployed.strong_admin.call("GET", "/webhooks").body["items"]
    assert ["session.started"] in [hook["types"] for hook in hooks if hook["url"].endswith("/keys")]


def test_past_events_are_sent_again_to_one_endpoint(site, visitor):
    enter_strongly(site, visitor, "webhooks", "hooks-strong@example.com")
    with receiving() as receiver:
        hook = make(site, receiver.url, types=["user.registered"], description="Late")
        visitor.open(f"{site.url}/console/webhooks/{hook['id']}")
        visitor.press("Replay")
        now = datetime.now().astimezone()
        fill(visitor, **{"from": f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M}"})
        in_dialog(visitor).get_by_label("Until").fill(f"{now + timedelta(minutes=1):%Y-%m-%dT%H:%M}")
        expect(in_dialog(visitor)).to_contain_text("would be sent")
        confirm(visitor, "Send again")
        sees_badge(visitor, "finished")
        eventually(lambda: receiver.received, "a replayed event")
    assert {event["type"] for event in receiver.events()} == {"user.registered"}


def test_text_of_others_is_shown_as_text(site, visitor):
    with receiving() as receiver:
        receiver.statuses, receiver.body = [500], HOSTILE.encode()
        hook = make(
            site,
            f"{receiver.url}?a=<script>document.title='ran'</script>",
            types=["export.*"],
            description=HOSTILE,
        )
        path = f"/webhooks/{hook['id']}"
        enter(site, visitor, "webhooks", "hooks-hostile@example.com", "admin")
        sees_text_alone(visitor)
        sent = site.deployed.strong_admin.call("POST", f"{path}/test", {}).body
        visitor.open(f"{site.url}/console{path}")
        sees_text_alone(visitor)
        visitor.open(f"{site.url}/console{path}?tab=about&language={HOSTILE}")
        sees_text_alone(visitor)
        visitor.open(f"{site.url}/console{path}?delivery={sent['id']}")
        sees_text_alone(visitor)
        sees_badge(visitor, "500")
        assert json.loads(receiver.received[0][1])["type"] == "webhook.test"


def test_support_is_offered_no_webhooks(site, visitor):
    enter(site, visitor, "webhooks", "hooks-support@example.com", "support")
    visitor.sees("This is not for you")
    expect(visitor.page.get_by_role("link", name="People", exact=True)).to_be_visible()
    expect(visitor.page.get_by_role("link", name="Webhooks", exact=True)).to_have_count(0)
