"""Each client that has a grant in a session is told of its end (OpenID Connect Back-Channel Logout 1.0)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest

from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.http.declarations import MERGE_PATCH
from chalicelib.core.settings import settings
from chalicelib.oauth import id_tokens
from chalicelib.oauth.routes import oauth as client_routes
from chalicelib.tokens.verification import signed_claims
from chalicelib.webhooks.logout_routes import logout_log
from chalicelib.webhooks.store import webhooks
from tests import system
from tests.builders import PASSWORD, a_user
from tests.functional.apps import ApiClient
from tests.functional.consumed import HOUR
from tests.functional.delivering import rows
from tests.functional.relying_party import ISSUER, PersonsBrowser, RelyingParty, claims_of, entered
from tests.functional.streams import stream_event

pytestmark = pytest.mark.usefixtures("held_clock", "told_clients")

ADA = "ada@maths.example"
EVENT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.fixture
def browser(aws, receiver):
    a_user(id="U1", email=ADA, name="Ada", password=PASSWORD)
    return entered(ADA)


@pytest.fixture
def shop(browser, receiver):
    return RelyingParty({"first_party": True, "backchannel_logout_uri": receiver.url})


@pytest.fixture
def admin(aws):
    api = ApiClient(client_routes, logout_log)
    api.sign_in("A1", "admin")
    return api


def session_of(browser: PersonsBrowser) -> dict[str, Any]:
    (row,) = [row for row in clients_rows("sessions") if "deleted_at" not in row]
    return row


def clients_rows(table: str) -> list[dict[str, Any]]:
    return list(clients.table(table).scan_segment(0, 1, limit=100).items)


def end(aws, browser, *, expired: bool = False, **changes: Any) -> None:
    """End the browser's session, and have the event of it reach the fan-out."""
    before = next(row for row in aws.rows("sessions") if "deleted_at" not in row)
    if expired:
        event = stream_event("sessions", (before, None), expired=True)
    else:
        assert browser.call("DELETE", "/sessions/current").status == 204
        after = next(row for row in aws.rows("sessions") if row["id"] == before["id"])
        event = stream_event("sessions", (before, after))
    aws.take("webhooks")
    system.invoke("on_session_change", event)
    fan_out(aws, **changes)


def fan_out(aws, *, times: int = 1) -> None:
    records = aws.take("webhooks")
    for _ in range(times):
        system.consume("webhooks", {"Records": records})


def attempt(aws, *, times: int = 1) -> list[dict[str, Any]]:
    records = aws.take("deliveries")
    for _ in range(times):
        system.consume("deliveries", {"Records": records})
    return records


def later(aws, **time: int) -> None:
    clock.tick(**time)
    system.invoke("every_five_minutes", HOUR)


def token_in(received) -> str:
    form = parse_qs(received.body.decode(), strict_parsing=True)
    assert form.keys() == {"logout_token"}
    return form["logout_token"][0]


@pytest.mark.slow
def test_a_client_is_told_with_a_token_of_two_minutes(aws, browser, shop, receiver):
    tokens = shop.tokens(browser)
    sid = claims_of(tokens["id_token"])["sid"]
    end(aws, browser)
    attempt(aws)
    (received,) = receiver.received
    assert received.headers["content-type"] == "application/x-www-form-urlencoded"
    token = token_in(received)
    claims = signed_claims(token, "logout+jwt", 4096)
    assert claims == {
        "iss": ISSUER,
        "aud": shop.id,
        "iat": clock.epoch(),
        "exp": clock.epoch() + 120,
        "jti": claims["jti"],
        "sub": "U1",
        "sid": sid,
        "events": {EVENT: {}},
    }
    assert jwt.get_unverified_header(token)["typ"] == "logout+jwt"
    (row,) = rows(aws)
    assert (row["webhook_id"], row["state"], row["tries"]) == (f"client:{shop.id}", "delivered", 1)
    assert not {"due_at", "due_shard", "next_at"} & row.keys()


@pytest.mark.slow
def test_a_session_that_expired_is_told_too(aws, browser, shop, receiver):
    shop.tokens(browser)
    end(aws, browser, expired=True)
    attempt(aws)
    (row,) = rows(aws)
    assert (row["type"], row["state"], len(receiver.received)) == ("session.expired", "delivered", 1)


@pytest.mark.slow
def test_only_clients_with_a_grant_in_it_and_an_address_are_told_each_once(aws, browser, shop, receiver):
    RelyingParty({"first_party": True, "backchannel_logout_uri": receiver.url})
    silent = RelyingParty({"first_party": True})
    silent.tokens(browser)
    shop.tokens(browser)
    shop.tokens(browser)
    end(aws, browser)
    attempt(aws)
    assert [row["webhook_id"] for row in rows(aws)] == [f"client:{shop.id}"]
    assert len(receiver.received) == 1


@pytest.mark.slow
def test_another_session_of_the_person_tells_nobody(aws, browser, shop, receiver):
    shop.tokens(browser)
    other = PersonsBrowser()
    other.enter(ADA)
    before = max((row for row in aws.rows("sessions")), key=lambda row: row["id"])
    other.call("DELETE", "/sessions/current")
    after = next(row for row in aws.rows("sessions") if row["id"] == before["id"])
    system.invoke("on_session_change", stream_event("sessions", (before, after)))
    fan_out(aws)
    assert rows(aws) == []


@pytest.mark.slow
def test_duplicates_of_the_event_and_of_the_message_tell_once(aws, browser, shop, receiver):
    shop.tokens(browser)
    end(aws, browser, times=3)
    attempt(aws, times=2)
    assert len(receiver.received) == 1


def test_a_replayed_event_tells_nobody(aws, browser, shop, receiver):
    shop.tokens(browser)
    end(aws, browser)
    attempt(aws)
    (row,) = rows(aws)
    event = {
        "specversion": "1.0",
        "id": row["event_id"],
        "source": ISSUER,
        "type": "session.revoked",
        "subject": "U1",
        "time": clock.timestamp(),
        "sequence": "000000000002",
        "replayed": "true",
        "data": {"session": {"id": row["id"]}, "reason": "signed_out"},
    }
    clients.table("deliveries").delete({"webhook_id": row["webhook_id"], "id": row["id"]})
    clients.send("webhooks", json.dumps(event))
    fan_out(aws)
    assert (rows(aws), aws.take("deliveries")) == ([], [])


@pytest.mark.slow
def test_a_failure_is_tried_again_with_a_new_token_by_the_schedule_alone(aws, browser, shop, receiver):
    shop.tokens(browser)
    receiver.answers += [500, 503]
    end(aws, browser)
    attempt(aws)
    assert aws.take("deliveries") == []
    later(aws, minutes=5)
    attempt(aws)
    later(aws, minutes=40)
    attempt(aws)
    (row,) = rows(aws)
    assert (row["state"], row["tries"], [each["status"] for each in row["attempts"]]) == (
        "delivered",
        3,
        [500, 503, 204],
    )
    claims = [claims_of(token_in(each)) for each in receiver.received]
    assert len({each["jti"] for each in claims}) == 3
    assert claims[2]["iat"] == clock.epoch()
    later(aws, days=1)
    assert aws.take("deliveries") == []


@pytest.mark.slow
@pytest.mark.parametrize("status", [400, 410])
def test_a_client_that_does_not_take_it_is_not_asked_again(aws, browser, shop, receiver, status):
    shop.tokens(browser)
    receiver.status = status
    end(aws, browser)
    attempt(aws)
    later(aws, days=2)
    (row,) = rows(aws)
    assert (row["state"], row["tries"], aws.take("deliveries")) == ("failed", 1, [])


@pytest.mark.slow
@pytest.mark.parametrize("status", [200, 204])
def test_these_are_success(aws, browser, shop, receiver, status):
    shop.tokens(browser)
    receiver.status = status
    end(aws, browser)
    attempt(aws)
    assert rows(aws)[0]["state"] == "delivered"


@pytest.mark.slow
def test_a_message_that_comes_too_late_for_its_token_is_queued_anew(aws, browser, shop, receiver):
    shop.tokens(browser)
    end(aws, browser)
    records = aws.take("deliveries")
    clock.tick(seconds=120)
    system.consume("deliveries", {"Records": records})
    assert (receiver.received, rows(aws)[0]["state"]) == ([], "waiting")
    later(aws, minutes=4)
    attempt(aws)
    assert (len(receiver.received), rows(aws)[0]["state"]) == (1, "delivered")


@pytest.mark.slow
def test_a_message_that_was_lost_is_queued_anew(aws, browser, shop, receiver):
    shop.tokens(browser)
    end(aws, browser)
    aws.take("deliveries")
    for _ in range(2):
        later(aws, minutes=6)
        aws.take("deliveries")
    later(aws, minutes=6)
    attempt(aws)
    assert (len(receiver.received), rows(aws)[0]["state"]) == (1, "delivered")


@pytest.mark.slow
def test_who_takes_the_address_away_is_told_no_more(aws, browser, shop, receiver, admin):
    shop.tokens(browser)
    receiver.status = 500
    end(aws, browser)
    attempt(aws)
    patch = {"backchannel_logout_uri": None}
    assert admin.call("PATCH", f"/clients/{shop.id}", patch, Content_Type=MERGE_PATCH).status == 200
    later(aws, minutes=5)
    attempt(aws)
    (row,) = rows(aws)
    assert (row["state"], aws.take("deliveries")) == ("failed", [])
    assert admin.call("POST", f"/clients/{shop.id}/logout-deliveries/{row['id']}/retry").status == 409


@pytest.mark.slow
def test_no_token_is_in_a_log_a_table_or_a_dead_letter(aws, browser, shop, receiver, capsys):
    """Also where the client answers with what it was sent."""
    shop.tokens(browser)
    tokens = []

    def echo(received):
        tokens.append(token_in(received))
        receiver.body = received.body

    receiver.answering = echo
    end(aws, browser)
    (record,) = aws.take("deliveries")
    system.consume("deliveries", {"Records": [record]})
    broken = {**record, "body": json.dumps({**json.loads(record["body"]), "tries": "one"})}
    system.consume("deliveries", {"Records": [broken]})
    (dead,) = aws.take("deliveries-dlq")
    kept = json.dumps([aws.rows(table) for table in ("deliveries", "webhooks", "grants")], default=str)
    output = capsys.readouterr().out
    (token,) = tokens
    for part in (token, token.split(".")[1], token.split(".")[2]):
        for place in (kept, dead["body"], output):
            assert part not in place
    assert shop.id in dead["body"]


@pytest.mark.slow
def test_the_consumer_asks_for_no_key(aws, browser, shop, receiver):
    """It talks to hosts of others: neither the signing key nor a root of the others may be in its process."""
    shop.tokens(browser)
    end(aws, browser)
    records = aws.take("deliveries")
    settings.clear()
    with telemetry.recording() as record:
        system.consume("deliveries", {"Records": records})
    assert record.names == [
        "UpdateItem",
        "BatchGetItem",
        "GetItem",
        "UpdateItem",
        "UpdateItem",
        "UpdateItem",
        "UpdateItem",
    ]
    assert len(receiver.received) == 1


@pytest.mark.slow
def test_a_logout_token_is_no_other_token_of_ours(aws, browser, shop, receiver):
    """Nor is another a logout token, by the `typ` of each (RFC 8725, section 3.11)."""
    tokens = shop.tokens(browser)
    end(aws, browser)
    attempt(aws)
    logout = token_in(receiver.received[0])
    assert id_tokens.hinted(logout) is None
    assert shop.userinfo(logout).status == 401
    assert shop.introspect(logout).body == {"active": False}
    assert browser.call("GET", "/me", Authorization=f"Bearer {logout}").status == 401
    assert shop.refresh(logout).status == 400
    for other in (tokens["id_token"], tokens["access_token"]):
        with pytest.raises(ValueError, match="header"):
            signed_claims(other, "logout+jwt", 8192)


@pytest.mark.slow
def test_a_dead_client_is_only_probed_after_a_few_failures(aws, receiver):
    receiver.status = 500
    a_user(id="U1", email=ADA, name="Ada", password=PASSWORD)
    shop = RelyingParty({"first_party": True, "backchannel_logout_uri": receiver.url})
    for _ in range(7):
        browser = PersonsBrowser()
        browser.enter(ADA)
        shop.tokens(browser)
        end(aws, browser)
        attempt(aws)
    assert len(receiver.received) == 5
    (health,) = aws.rows("webhooks")
    assert (health["realm"], health["id"], health["failures"]) == ("clients", f"client:{shop.id}", 5)
    waiting = [row for row in rows(aws) if row["tries"] == 0]
    assert len(waiting) == 2
    assert all("due_at" in row for row in waiting)


@pytest.mark.slow
def test_the_log_shows_every_attempt_and_an_administrator_tells_once_more(aws, browser, shop, receiver, admin):
    shop.tokens(browser)
    receiver.status = 400
    end(aws, browser)
    attempt(aws)
    log = admin.call("GET", f"/clients/{shop.id}/logout-deliveries").body
    (entry,) = log["items"]
    assert (entry["user_id"], entry["state"], entry["type"]) == ("U1", "failed", "session.revoked")
    assert entry["attempts"][0]["status"] == 400
    assert entry["id"] == claims_of(token_in(receiver.received[0]))["sid"]
    assert admin.call("GET", f"/clients/{shop.id}/logout-deliveries?state=delivered").body["items"] == []
    receiver.status = 200
    path = f"/clients/{shop.id}/logout-deliveries/{entry['id']}/retry"
    assert admin.call("POST", path).status == 202
    attempt(aws)
    assert (rows(aws)[0]["state"], len(receiver.received)) == ("delivered", 2)
    assert admin.call("POST", f"/clients/{shop.id}/logout-deliveries/none/retry").status == 404
    assert admin.call("GET", "/clients/rcc_none/logout-deliveries").status == 404
    admin.sign_in("A1", "admin", seconds_ago=400)
    assert admin.call("POST", path).status == 401


@pytest.mark.slow
def test_webhooks_do_not_see_what_is_told_to_clients(aws, browser, shop, receiver):
    shop.tokens(browser)
    end(aws, browser)
    attempt(aws)
    assert (webhooks().all(), webhooks().ids(), webhooks().enabled()) == ([], [], [])
