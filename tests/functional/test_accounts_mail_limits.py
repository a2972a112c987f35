"""How many mails strangers may cause, and that no cap starves an owner."""

from __future__ import annotations

import json

import pytest

from chalicelib.accounts.mailed import password_resets, sign_in_codes
from chalicelib.accounts.store import people
from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.settings import settings
from chalicelib.events.change import events_of
from chalicelib.intents.store import new_intent
from chalicelib.limits.mail_limits import (
    AT_ONCE,
    MAILS_OF_A_ROW,
    NEWCOMER_SECONDS,
    OF_A_DAY,
    OF_ONE_NETWORK,
    mail_caps,
)
from chalicelib.mail.model import UNPROVED_A_DAY
from tests.builders import PASSWORD, a_user
from tests.functional.test_mail_delivery import deliver
from tests.functional.visitors import Visitor, mailed, token_of, visitor

pytestmark = pytest.mark.usefixtures("held_clock")

ADA = "ada@maths.example"
SPELLINGS = [ADA, "Ada@maths.example", "ADA@MATHS.EXAMPLE"]
ASKED = 40


@pytest.fixture(autouse=True)
def patient(aws):
    """A stage where one client may ask as often as it likes."""
    with settings.held(registrations_per_hour=100_000):
        yield aws


def ask(path: str, position: int, who: Visitor | None = None, **more: str) -> int:
    body = {"email": SPELLINGS[position % len(SPELLINGS)], **more}
    return (who or Visitor()).call("PUT" if path == "/me/email" else "POST", path, body).status


def texts(aws) -> list[dict]:
    """The mails since the last look, each once."""
    answered = mailed(aws)
    return list({mail["key"]: mail for mail in answered}.values())


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/password-resets", "/sessions/email"])
def test_one_address_has_few_mails_sent_to_one_mailbox(aws, path):
    a_user(id="U1", email=ADA, password=PASSWORD)
    statuses = [ask(path, position) for position in range(ASKED)]
    assert statuses == [202] * ASKED
    assert len(texts(aws)) == OF_ONE_NETWORK


@pytest.mark.slow
def test_nor_by_registering_and_asking_again(aws):
    for position in range(ASKED // 2):
        assert ask("/users", position, password=PASSWORD) == 202
        texts_so_far = texts(aws)
    for position in range(ASKED):
        assert ask("/users/resend-confirmation", position) == 202
    keys = {mail["key"] for mail in [*texts_so_far, *texts(aws)]}
    assert len(keys) <= OF_ONE_NETWORK


@pytest.mark.slow
def test_nor_by_changing_ones_address_to_it(aws):
    a_user(id="U2", email="bob@maths.example", password=PASSWORD)
    bob = visitor("bob@maths.example")
    assert [ask("/me/email", position, bob) for position in range(ASKED)] == [202] * ASKED
    assert len(texts(aws)) == OF_ONE_NETWORK


@pytest.mark.slow
def test_an_intent_is_counted_once_however_often_its_record_comes(aws):
    a_user(id="U1", email=ADA)
    for position in range(OF_ONE_NETWORK):
        ask("/password-resets", position)
    assert {len(texts(aws)) for _ in range(3)} == {OF_ONE_NETWORK}
    assert len([row for row in aws.rows("guards") if row["id"].startswith("mails#reset#")]) == 2


@pytest.mark.slow
@pytest.mark.parametrize(("path", "minutes"), [("/password-resets", 30), ("/sessions/email", 10)])
def test_there_is_always_one_good_mail_in_the_mailbox(aws, path, minutes):
    a_user(id="U1", email=ADA, password=PASSWORD)
    for position in range(ASKED):
        ask(path, position)
    before = {mail["key"] for mail in texts(aws)}
    clock.tick(minutes=minutes - 1)
    ask(path, 0)
    assert {mail["key"] for mail in texts(aws)} <= before
    clock.tick(minutes=1)
    ask(path, 0)
    (fresh,) = [mail for mail in texts(aws) if mail["key"] not in before]
    way_in = {
        "/password-resets": ("/password-resets/confirm", {"password": "copper lantern river nine"}),
        "/sessions/email": ("/sessions/email/confirm", {}),
    }[path]
    answer = Visitor().call("POST", way_in[0], {"token" if way_in[1] else "code": token_of(fresh), **way_in[1]})
    assert answer.status in {201, 204}


@pytest.mark.slow
@settings.held(mails_per_hour=3)
def test_a_flood_of_registrations_starves_no_reset_and_no_code(aws):
    a_user(id="U1", email=ADA)
    for number in range(8):
        Visitor().call("POST", "/users", {"email": f"n{number}@maths.example", "password": PASSWORD})
    assert len(texts(aws)) == 3
    ask("/password-resets", 0)
    ask("/sessions/email", 0)
    wanted = sorted(mail["template"] for mail in texts(aws) if mail["to"] == ADA)
    assert wanted == ["password_reset", "sign_in_code"]


@settings.held(mails_per_hour=1)
def test_an_hour_that_is_used_up_costs_no_further_write(aws):
    intents = [
        new_intent("reset", f"n{n}@maths.example", f"n{n}@maths.example", seconds=600, network="n")
        for n in range(4)
    ]
    assert [mail_caps().admit(intent) for intent in intents[:2]] == [True, False]
    with telemetry.recording() as record:
        assert [mail_caps().admit(intent) for intent in intents[2:]] == [False, False]
    assert record.names == ["GetItem"] * 2
    clock.tick(hours=1)
    assert mail_caps().admit(intents[3])


@pytest.mark.slow
@settings.held(mails_per_hour=4 * MAILS_OF_A_ROW)
def test_a_high_limit_of_mails_is_counted_in_several_rows(aws):
    for n in range(40):
        address = f"n{n}@maths.example"
        assert mail_caps().admit(new_intent("reset", address, address, seconds=600, network="n"))
    counted = [row["count"] for row in aws.rows("guards") if "count" in row]
    assert (len(counted), sum(counted)) == (4, 40)


@pytest.mark.slow
@settings.held(mails_per_hour=1)
def test_what_is_asked_for_unknown_addresses_takes_nothing_of_the_share(aws):
    a_user(id="U1", email=ADA)
    for number in range(5):
        Visitor().call("POST", "/password-resets", {"email": f"n{number}@maths.example"})
    ask("/password-resets", 0)
    assert [mail["template"] for mail in texts(aws)] == ["password_reset"]


@pytest.mark.slow
@settings.held(mails_per_hour=1)
def test_the_share_of_an_hour_comes_back_and_what_was_capped_is_counted(aws, capsys):
    for number in range(3):
        Visitor().call("POST", "/users", {"email": f"n{number}@maths.example", "password": PASSWORD})
    assert len(texts(aws)) == 1
    assert '"MailsCapped"' in capsys.readouterr().out
    clock.tick(hours=1)
    assert len(texts(aws)) == 2


@pytest.mark.slow
def test_an_owner_elsewhere_is_mailed_beside_who_floods_from_one_network(aws):
    a_user(id="U1", email=ADA)
    for _ in range(ASKED):
        password_resets.ask(ADA, "198.51.100.7")
    flood = {mail["key"] for mail in texts(aws)}
    password_resets.ask(ADA, "203.0.113.9")
    assert len(flood) == OF_ONE_NETWORK < AT_ONCE
    assert len({mail["key"] for mail in texts(aws)} - flood) == 1


@pytest.mark.slow
def test_an_owner_elsewhere_gets_a_code_of_their_own_while_strangers_use_up_the_caps(aws):
    a_user(id="U1", email=ADA)
    for position in range(ASKED):
        sign_in_codes.ask(ADA, f"198.51.{position % 2}.7", asker=f"stranger {position}")
    assert len(texts(aws)) == AT_ONCE
    clock.tick(seconds=NEWCOMER_SECONDS)
    for position in range(ASKED):
        sign_in_codes.ask(ADA, f"198.51.{position % 2}.7", asker=f"stranger {position}")
    before = {mail["key"] for mail in texts(aws)}
    sign_in_codes.ask(ADA, "203.0.113.9", asker="owner")
    (own,) = [mail for mail in texts(aws) if mail["key"] not in before]
    assert sign_in_codes.redeem(token_of(own), asker="owner")["id"] == "U1"


@pytest.mark.slow
def test_however_many_networks_ask_a_mailbox_gets_few_mails(aws):
    caps, good_for = mail_caps(), 1800
    admitted = 0
    for number in range(2 * OF_A_DAY):
        intent = new_intent("reset", ADA, ADA, seconds=good_for, network=f"N{number}")
        admitted += caps.admit(intent)
        clock.tick(seconds=NEWCOMER_SECONDS)
    assert OF_A_DAY <= admitted <= OF_A_DAY + 2 * OF_A_DAY * NEWCOMER_SECONDS // good_for + 1


@pytest.mark.slow
@settings.held(email_verification="optional")
def test_a_squatter_who_signs_in_without_end_floods_no_mailbox(aws):
    """Nor by taking the address again with another account; its owner is told of all, once it is proved."""
    squatter = Visitor()
    assert ask("/users", 0, squatter, password=PASSWORD) == 201
    assert entered_and_told(aws, UNPROVED_A_DAY + 3) == UNPROVED_A_DAY
    squatter.enter(ADA)
    assert squatter.call("DELETE", "/me").status == 202
    assert ask("/users", 0, password=PASSWORD) == 201
    assert entered_and_told(aws, 3) == 0
    person = people().find_by_email(ADA)
    people().change(person, lambda _: {"email_verified": True})
    assert entered_and_told(aws, 3) == 3
    people().change(people().get(person["id"]), lambda _: {"email_verified": False})
    clock.tick(days=1)
    assert entered_and_told(aws, 3) == 3


def entered_and_told(aws, times: int) -> int:
    """Sign in so often on new devices: how many notices of it are mailed, however often each event comes."""
    begun = {row["id"] for row in aws.rows("sessions")}
    for _ in range(times):
        clock.tick(seconds=1)
        assert Visitor().enter(ADA).status == 201
    for session in aws.rows("sessions"):
        if session["id"] not in begun:
            for event in events_of(
                "sessions", None, session, expired=False, public_url="https://rollcall.example"
            ):
                clients.send("mail", json.dumps(event))
    records = [record for record in aws.take("mail") if "specversion" in record["body"]]
    sent = deliver(aws, records)
    assert deliver(aws, records) == []
    return len(sent)
