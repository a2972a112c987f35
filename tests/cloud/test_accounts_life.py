"""Another address, an invitation, and the directory by role and creation, through the deployed stage."""

from __future__ import annotations

import re

from tests.cloud.people import PASSWORD, register
from tests.cloud.stage import eventually


def code_in(text):
    return re.search(r"^Code: (\S+)$", text, re.MULTILINE)[1]


def test_an_address_is_changed_and_both_mailboxes_hear_of_it(deployed):
    person = register(deployed, "before@example.com")
    wrong = {"email": "before@example.com", "password": "a wrong password, one of few"}
    assert deployed.anyone.call("POST", "/sessions", wrong).status == 401
    assert person.call("PUT", "/me/email", {"email": "after@example.com"}).status == 202
    token = code_in(deployed.mail_to("after@example.com", containing="/account/email"))
    changed = person.call("POST", "/me/email/confirm", {"token": token})
    assert (changed.status, changed.body["email"]) == (200, "after@example.com")
    assert person.call("POST", "/me/email/confirm", {"token": token}).status == 410
    for address in ("before@example.com", "after@example.com"):
        assert "was changed" in deployed.mail_to(address, containing="was changed")
    assert deployed.anyone.signed_in("after@example.com", PASSWORD).call("GET", "/me").status == 200


def test_a_taken_address_is_told_to_its_owner_alone(deployed):
    register(deployed, "owner@example.com")
    person = register(deployed, "asker@example.com")
    assert person.call("PUT", "/me/email", {"email": "owner@example.com"}).status == 202
    assert "nothing has changed" in deployed.mail_to("owner@example.com", containing="nothing has changed")


def test_somebody_is_invited_comes_and_is_found(deployed):
    invitation = {"email": "invited@example.com", "name": "Ida Rhodes"}
    invited = deployed.admin.call("POST", "/users/invite", invitation)
    assert invited.status == 201, invited.body
    earlier = code_in(deployed.mail_to("invited@example.com", containing="/account/invitation"))
    assert deployed.admin.call("POST", "/users/invite", invitation).status == 200
    (second,) = eventually(lambda: deployed.mails_to("invited@example.com")[1:], "the second mail")
    token = code_in(second)
    assert deployed.anyone.call("POST", "/users/confirm", {"token": earlier, "password": PASSWORD}).status == 410
    assert deployed.anyone.call("POST", "/users/confirm", {"token": token, "password": PASSWORD}).status == 201
    assert deployed.anyone.call("POST", "/users/confirm", {"token": token, "password": PASSWORD}).status == 410
    person = deployed.anyone.signed_in("invited@example.com", PASSWORD)
    assert person.call("GET", "/me").body["email_verified"] is True
    assert deployed.admin.call("POST", "/users/invite", invitation).status == 409

    created_at = invited.body["created_at"]
    since = deployed.admin.call("GET", f"/users?created_after={created_at}")
    assert invited.body["id"] in [user["id"] for user in since.body["items"]]
    admins = deployed.admin.call("GET", "/users?role=admin").body["items"]
    assert deployed.admin.call("GET", "/me").body["id"] in [user["id"] for user in admins]
    assert deployed.admin.call("GET", f"/users?role=admin&created_after={created_at}").body["items"] == []
