"""Signing in by a mailed code: who gets one, and what it takes to use it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chalicelib import accounts
from chalicelib.accounts.credential_store import credentials
from chalicelib.accounts.store import people
from chalicelib.connections import connections
from chalicelib.core import clock, ids
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.crypto import links
from chalicelib.core.errors import FactorRequired, TooManyRequests, Unauthenticated
from chalicelib.core.settings import settings
from chalicelib.intents.store import intents
from tests.builders import PASSWORD, a_user
from tests.functional.serial import one_call_at_a_time
from tests.functional.visitors import mailed, token_of

pytestmark = pytest.mark.usefixtures("held_clock")

ADA = "ada@maths.example"


def ask(email: str = ADA) -> None:
    accounts.sign_in_codes.ask(email, "192.0.2.1")


def code_of(mail) -> str:
    return links.short_code("code", mail["data"]["intent_id"])


def another(code: str) -> str:
    return ("2" if code[0] != "2" else "3") + code[1:]


@pytest.fixture
def ada(aws):
    return a_user(id="U1", email="Ada@maths.example", locale="de", password=PASSWORD)


@pytest.fixture
def mail(aws, ada):
    ask()
    (only,) = mailed(aws)
    return only


def refused(code: str, email: str | None = ADA) -> bool:
    try:
        accounts.redeem_code(code, email)
    except Unauthenticated:
        return True
    return False


def test_asking_looks_nothing_up_and_is_one_write_and_one_limit_write(aws, ada):
    connections().enabled()  # read once a minute
    for email in (ADA, "nobody@maths.example"):
        with telemetry.recording() as record:
            ask(email)
        assert record.names == ["UpdateItem", "PutItem"]


@settings.held(registrations_per_hour=1)
def test_one_client_asks_only_so_often_in_an_hour(aws):
    ask()
    with pytest.raises(TooManyRequests):
        ask()


@pytest.mark.slow
def test_only_an_active_person_is_mailed_at_their_own_address(aws, mail):
    assert (mail["template"], mail["to"], mail["user_id"]) == ("sign_in_code", "Ada@maths.example", "U1")
    assert (mail["locale"], mail["expires_at"]) == ("de", clock.epoch() + 600)
    a_user(email="disabled@maths.example", status="disabled")
    ask("disabled@maths.example")
    ask("nobody@maths.example")
    assert [each["key"] for each in mailed(aws)] == [mail["key"]]


def test_nothing_of_a_code_is_stored(aws, mail):
    stored = repr([aws.rows(table) for table in ("intents", "guards", "users", "credentials")])
    assert code_of(mail) not in stored
    assert token_of(mail).rpartition(".")[2] not in stored
    assert code_of(mail) not in repr(mail)


@pytest.mark.slow
@pytest.mark.parametrize("typed", [str, str.lower, lambda code: f" {code[:4]}-{code[4:]} "])
def test_the_short_code_needs_the_address_and_not_how_it_was_typed(mail, typed):
    assert refused(code_of(mail), "grace@maths.example")
    assert refused(code_of(mail), None)
    assert accounts.redeem_code(typed(code_of(mail)), "ADA@Maths.example")["id"] == "U1"


def test_letters_that_look_like_digits_are_taken_for_them(mail):
    code = code_of(mail)
    assert accounts.redeem_code(code.replace("0", "o").replace("1", "l"), ADA)["id"] == "U1"


def test_the_links_token_needs_nothing_else(mail):
    assert accounts.redeem_code(token_of(mail))["id"] == "U1"


@pytest.mark.parametrize(
    ("form", "email", "finding"),
    [(token_of, None, ["GetItem"]), (code_of, ADA, ["UpdateItem", "GetItem"])],
)
def test_a_use_is_four_calls_at_most_and_the_one_that_makes_it_the_only_one(mail, form, email, finding):
    with telemetry.recording() as record:
        accounts.redeem_code(form(mail), email)
    names = [name for name in record.names if name != "GetSecretValue"]
    assert names == [*finding, "GetItem", "DeleteItem"]


def test_a_token_of_another_purpose_is_no_code(mail):
    intent_id = mail["data"]["intent_id"]
    assert all(refused(links.mint(purpose, intent_id), None) for purpose in ("confirm", "reset", "email"))


def test_code_replay_is_refused_in_either_form(aws, mail):
    accounts.redeem_code(code_of(mail), ADA)
    assert refused(code_of(mail))
    assert refused(token_of(mail), None)
    assert aws.rows("intents") == []


def test_one_of_many_simultaneous_uses_wins(mail):
    code, token = code_of(mail), token_of(mail)

    def use(n: int) -> bool:
        return refused(code) if n < 3 else refused(token, None)

    with one_call_at_a_time(), ThreadPoolExecutor(10) as threads:
        assert sorted(threads.map(use, range(10))) == [False] + [True] * 9


def test_a_code_lives_for_ten_minutes(mail):
    clock.tick(minutes=10)
    assert refused(code_of(mail))
    assert refused(token_of(mail), None)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["link", "short code"])
def test_asking_again_voids_no_code(aws, mail, form):
    """Strangers may ask as often as they like: each code is good once, whichever comes first."""
    mails = [mail]
    for _ in range(4):
        clock.tick(seconds=1)
        ask()
        mails.append(max(mailed(aws), key=lambda each: each["key"]))
    for each in mails:
        arguments = (token_of(each), None) if form == "link" else (code_of(each), ADA)
        assert accounts.redeem_code(*arguments)["id"] == "U1"
    assert refused(*arguments)


@pytest.mark.slow
def test_of_many_codes_the_latest_twenty_may_be_typed_and_every_link_is_good(aws, mail):
    (intent,) = aws.rows("intents")
    newer = [{**intent, "id": ids.new_id(clock.now() + timedelta(seconds=number))} for number in range(1, 21)]
    for each in newer:
        clients.table("intents").put(each)
        intents().list_code(each)
    assert refused(code_of(mail))
    assert accounts.redeem_code(links.short_code("code", newer[0]["id"]), ADA)["id"] == "U1"
    assert accounts.redeem_code(token_of(mail))["id"] == "U1"


def test_a_repeated_record_lists_a_code_once_and_gives_no_tries_back(aws, mail):
    assert refused(another(code_of(mail)))
    before = aws.rows("guards")
    mailed(aws)
    assert aws.rows("guards") == before


ASKER, OTHER = "a" * 43, "b" * 43


@pytest.fixture
def bound(aws, ada):
    accounts.sign_in_codes.ask(ADA, "192.0.2.1", asker=ASKER)
    (only,) = mailed(aws)
    return only


@pytest.mark.parametrize("asker", [None, OTHER])
def test_a_code_that_an_asker_asked_for_is_good_for_nobody_else(bound, asker):
    for arguments in ((token_of(bound), None), (code_of(bound), ADA)):
        with pytest.raises(Unauthenticated):
            accounts.redeem_code(*arguments, asker=asker)
    assert accounts.redeem_code(code_of(bound), ADA, asker=ASKER)["id"] == "U1"


@pytest.mark.slow
def test_nobody_elses_asking_or_guessing_touches_an_askers_code(aws, bound):
    for number in range(25):
        ask()
        clock.tick(seconds=1)
        accounts.sign_in_codes.ask(ADA, "192.0.2.1", asker=f"{number:043}")
    mailed(aws)
    assert all(refused(another(code_of(bound))) for _ in range(9))
    assert accounts.redeem_code(code_of(bound), ADA, asker=ASKER)["id"] == "U1"


def test_an_asker_guesses_no_more_than_others(bound):
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            accounts.redeem_code(another(code_of(bound)), ADA, asker=ASKER)
    with pytest.raises(Unauthenticated):
        accounts.redeem_code(code_of(bound), ADA, asker=ASKER)
    assert accounts.redeem_code(token_of(bound), asker=ASKER)["id"] == "U1"


def test_the_secret_of_an_asker_is_kept_as_a_hash_and_their_row_names_no_address(aws, bound):
    assert ASKER not in repr([aws.rows(table) for table in ("intents", "guards")])
    assert ADA not in repr(aws.rows("guards"))


@pytest.mark.slow
def test_five_wrong_codes_void_the_short_one_and_leave_the_link(mail):
    assert all(refused(another(code_of(mail))) for _ in range(5))
    assert refused(code_of(mail))
    assert accounts.redeem_code(token_of(mail))["id"] == "U1"


@pytest.mark.slow
def test_the_fifth_try_may_be_right(mail):
    assert all(refused(another(code_of(mail))) for _ in range(4))
    assert not refused(code_of(mail))


@pytest.mark.slow
def test_parallel_guesses_are_no_more_than_others(aws, mail):
    with one_call_at_a_time(), ThreadPoolExecutor(20) as threads:
        assert all(threads.map(refused, [another(code_of(mail))] * 20))
    (listed,) = [row for row in aws.rows("guards") if "tries" in row]
    assert listed["tries"] == 5


@pytest.mark.slow
def test_a_wrong_code_is_the_same_work_whoever_has_the_address(aws, mail):
    a_user(email="disabled@maths.example", status="disabled")
    a_user(email="uncoded@maths.example")
    ask("disabled@maths.example")
    mailed(aws)
    told = set()
    for email in (ADA, "disabled@maths.example", "uncoded@maths.example", "nobody@maths.example"):
        with telemetry.recording() as record, pytest.raises(Unauthenticated) as error:
            accounts.redeem_code("23456789", email)
        told.add((tuple(name for name in record.names if name != "GetSecretValue"), error.value.detail))
    assert len(told) == 1


CHANGES = {
    "disabled": lambda person: {**person, "status": "disabled"},
    "signed out by a changed password": lambda person: {**person, "sessions_since": 2},
    "at another address": lambda person: {**person, "email_key": "other@maths.example"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_code_is_void_for_a_person_who_changed_meanwhile(aws, ada, mail, change):
    aws.put("users", change(ada))
    assert refused(code_of(mail))
    assert refused(token_of(mail), None)


def test_a_code_for_somebody_who_has_gone_is_void(aws, ada, mail):
    people().remove(ada, "J1", lambda _: {})
    assert refused(code_of(mail))


@pytest.mark.slow
def test_a_missing_second_factor_leaves_the_code_good(mail):
    def admit(person):
        raise FactorRequired(["totp"])

    with pytest.raises(FactorRequired):
        accounts.redeem_code(code_of(mail), ADA, admit=admit)
    admitted = []
    accounts.redeem_code(code_of(mail), ADA, admit=admitted.append)
    assert [person["id"] for person in admitted] == ["U1"]


@pytest.mark.slow
def test_codes_outlive_a_new_app_key(aws, mail):
    code = code_of(mail)
    aws.session.client("secretsmanager").put_secret_value(
        SecretId=settings().names.of("app-keys"), SecretString=json.dumps({"1": "k" * 64, "2": "b" * 64})
    )
    clients.clear()
    assert accounts.redeem_code(code, ADA)["id"] == "U1"


@pytest.mark.slow
def test_the_first_proof_of_the_mailbox_drops_what_a_squatter_set(aws):
    a_user(id="U1", email=ADA, email_verified=False, password="what the squatter chose 7")
    ask()
    (mail,) = mailed(aws)
    person = accounts.redeem_code(code_of(mail), ADA)
    assert (person["email_verified"], person["sessions_since"]) == (True, person["version"])
    assert person["password_changed_at"] == clock.timestamp()
    assert credentials().password("U1") is None
    assert aws.rows("users") == [person]


@pytest.mark.slow
def test_a_proof_of_a_mailbox_that_was_proved_changes_nobody(aws, ada, mail):
    assert accounts.redeem_code(code_of(mail), ADA)["version"] == 1
    assert credentials().password("U1") is not None
