"""The rest of an account's life, through the deployed stage."""

from __future__ import annotations

import re

from argon2 import PasswordHasher

from tests.cloud.people import PASSWORD, register
from tests.cloud.stage import eventually
from tools import cloud
from tools.api import Api

OTHER_PASSWORD = "another long enough phrase"


def test_a_forgotten_password_is_chosen_anew(deployed):
    person = register(deployed, "forgot@example.com")
    assert deployed.anyone.call("POST", "/password-resets", {"email": "forgot@example.com"}).status == 202
    text = eventually(lambda: reset_mail(deployed, "forgot@example.com"), "the mail to reset")
    code = re.search(r"^Code: (\S+)$", text, re.MULTILINE)[1]
    body = {"token": code, "password": OTHER_PASSWORD}
    assert deployed.anyone.call("POST", "/password-resets/confirm", body).status == 204
    assert person.call("GET", "/me").status == 401
    assert deployed.anyone.signed_in("forgot@example.com", OTHER_PASSWORD).call("GET", "/me").status == 200
    assert deployed.anyone.call("POST", "/password-resets/confirm", body).status in {404, 409, 410}


def test_confirmation_is_mailed_again(deployed):
    assert (
        deployed.anyone.call("POST", "/users", {"email": "again@example.com", "password": PASSWORD}).status == 202
    )
    deployed.mail_to("again@example.com", containing="Code: ")
    before = len(deployed.mails_to("again@example.com"))
    assert deployed.anyone.call("POST", "/users/resend-confirmation", {"email": "again@example.com"}).status == 202
    eventually(lambda: len(deployed.mails_to("again@example.com")) > before, "the second mail")
    wrong = {"token": "x.1.y", "password": PASSWORD}
    assert deployed.anyone.call("POST", "/users/confirm", wrong).status == 410
    code = re.search(r"^Code: (\S+)$", deployed.mail_to("again@example.com"), re.MULTILINE)[1]
    refused = deployed.anyone.call("POST", "/users/confirm", {"token": code, "password": "not what was chosen"})
    assert refused.status in {401, 403, 410, 422}
    assert deployed.anyone.call("POST", "/users/confirm", {"token": code, "password": PASSWORD}).status == 201


def test_sessions_are_listed_refreshed_and_ended(deployed):
    first = register(deployed, "devices@example.com")
    tokens = deployed.anyone.call("POST", "/sessions", {"email": "devices@example.com", "password": PASSWORD}).body
    fresh = deployed.anyone.call("POST", "/sessions/refresh", {"refresh_token": tokens["refresh_token"]})
    assert fresh.status == 200
    sessions = first.call("GET", "/sessions").body["items"]
    assert len(sessions) == 2
    second = Api(first.url, fresh.body["access_token"], first.host)
    own = second.call("DELETE", "/sessions/current")
    assert own.status == 204
    assert second.call("GET", "/me").status == 401
    left = first.call("GET", "/sessions").body["items"]
    assert len(left) == 1
    assert first.call("DELETE", f"/sessions/{left[0]['id']}").status == 204
    assert first.call("GET", "/me").status == 401
    third = deployed.anyone.signed_in("devices@example.com", PASSWORD)
    assert third.call("DELETE", "/sessions").status == 204


def test_wrong_passwords_are_counted_and_delayed(deployed):
    register(deployed, "guessed@example.com")
    statuses = [
        deployed.anyone.call(
            "POST", "/sessions", {"email": "guessed@example.com", "password": f"wrong guess {n} wrong"}
        ).status
        for n in range(8)
    ]
    assert statuses[:5] == [401] * 5
    assert 429 in statuses[5:]
    right = {"email": "guessed@example.com", "password": PASSWORD}
    eventually(
        lambda: deployed.anyone.call("POST", "/sessions", right).status == 201, "signing in after the delay"
    )


def test_a_password_change_ends_other_sessions_and_is_mailed(deployed):
    person = register(deployed, "changes@example.com")
    other = deployed.anyone.signed_in("changes@example.com", PASSWORD)
    wrong = {"current_password": "not the password at all", "new_password": OTHER_PASSWORD}
    assert person.call("PUT", "/me/password", wrong).status in {401, 403, 422}
    right = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}
    assert person.call("PUT", "/me/password", right).status == 204
    assert other.call("GET", "/me").status == 401
    assert "changed" in deployed.mail_to("changes@example.com", containing="changed")


def test_a_hash_of_older_strength_is_renewed_at_sign_in(deployed):
    person = register(deployed, "older@example.com")
    user_id = person.call("GET", "/me").body["id"]
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    key = {"id": {"S": f"password#{user_id}"}}
    table = deployed.stage.names.of("credentials")
    dynamodb = cloud.client("dynamodb")
    dynamodb.update_item(
        TableName=table,
        Key=key,
        UpdateExpression="SET #h = :h",
        ExpressionAttributeNames={"#h": "hash"},
        ExpressionAttributeValues={":h": {"S": weak}},
    )
    deployed.anyone.signed_in("older@example.com", PASSWORD)
    stored = dynamodb.get_item(TableName=table, Key=key)["Item"]["hash"]["S"]
    assert "m=19456,t=2,p=1" in stored


def test_administration(deployed):
    person = register(deployed, "managed@example.com", name="Zoë Quark")
    user_id = person.call("GET", "/me").body["id"]
    admin = deployed.admin
    assert user_id in [user["id"] for user in admin.call("GET", "/users?name=zo%C3%AB").body["items"]]
    assert admin.call("PUT", f"/users/{user_id}/roles", {"roles": ["support"]}).status == 200
    assert person.call("GET", f"/users/{user_id}").status == 200
    assert admin.call("PATCH", f"/users/{user_id}", {"metadata": {"plan": "free"}}).body["metadata"] == {
        "plan": "free"
    }
    assert admin.call("POST", f"/users/{user_id}/disable").status == 200
    assert person.call("GET", "/me").status == 401
    assert admin.call("POST", f"/users/{user_id}/enable").status == 200
    assert admin.call("GET", f"/users/{user_id}/mail").status == 200
    assert admin.call("DELETE", f"/users/{user_id}/mail/suppression").status == 204
    own_id = admin.call("GET", "/me").body["id"]
    assert admin.call("POST", f"/users/{own_id}/disable").status in {403, 409, 422}
    assert deployed.strong_admin.call("PUT", f"/users/{user_id}/roles", {"roles": ["admin"]}).status == 200
    assert admin.call("PUT", f"/users/{user_id}/roles", {"roles": []}).status == 200
    assert admin.call("DELETE", f"/users/{user_id}").status == 202


def test_an_idempotency_key_is_honoured(deployed):
    body = {"from": "2020-01-01T00:00:00Z", "to": "2020-01-02T00:00:00Z"}
    first = deployed.admin.call("POST", "/events/replay", body, Idempotency_Key="k1")
    again = deployed.admin.call("POST", "/events/replay", body, Idempotency_Key="k1")
    assert (first.status, first.body["id"]) == (202, again.body["id"])
    other = {**body, "to": "2020-01-03T00:00:00Z"}
    assert deployed.admin.call("POST", "/events/replay", other, Idempotency_Key="k1").status == 422
    assert deployed.admin.call("POST", "/webhooks/none/test", {}, Idempotency_Key="k2").status == 404


def reset_mail(deployed, address):
    return next((text for text in deployed.mails_to(address) if "/account/reset" in text), None)
