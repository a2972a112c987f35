"""Passkeys, against an authenticator that lies in every way it can."""

from __future__ import annotations

import os
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from chalicelib import factors
from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from chalicelib.core.errors import FactorRequired, Unauthenticated
from chalicelib.core.ids import base64url, from_base64url
from chalicelib.events.change import events_of
from chalicelib.factors import PresentedFactor, passkeys
from tests.authenticator import (
    ATTESTED,
    BACKED_UP,
    BACKUP_ELIGIBLE,
    USER_PRESENT,
    USER_VERIFIED,
    Authenticator,
    cose,
)
from tests.functional.factors import Owner, an_owner, one_of_many, proves, record
from tests.functional.serial import one_call_at_a_time

pytestmark = pytest.mark.usefixtures("held_clock")


@pytest.fixture
def ada(aws):
    return an_owner(name="Ada")


def register(owner: Owner, response, name="Laptop"):
    return owner.call("POST", "/me/passkeys", {"name": name, "response": response})


def signs_in(response) -> str | None:
    """Whom a passkey's answer lets in."""
    try:
        return factors.passkey_sign_in(response, str)
    except Unauthenticated:
        return None


@pytest.mark.slow
def test_a_passkey_is_made_listed_used_and_removed(ada):
    options = ada.options()
    assert options["rp"] == {"id": "rollcall.example", "name": "Rollcall"}
    assert options["user"]["name"] == "u1@maths.example"
    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert (options["timeout"], options["attestation"]) == (300_000, "none")
    assert len(from_base64url(options["challenge"])) >= 16
    made = register(ada, ada.authenticator.create(options), "  My laptop ")
    passkey = {"name": "My laptop", "synced": False, "created_at": clock.timestamp(), "last_used_at": None}
    assert (made.status, made.body) == (201, {"id": made.body["id"], **passkey})
    assert ada.call("GET", "/me/passkeys").body == {"items": [made.body], "next": None}
    assert factors.enrolled(ada.person) == ["passkey"]
    asked = factors.passkey_options()
    assert (asked["rpId"], asked["allowCredentials"], asked["userVerification"]) == (
        "rollcall.example",
        [],
        "required",
    )
    clock.tick(seconds=1)
    assert signs_in(ada.authenticator.get(asked)) == "U1"
    assert ada.call("GET", "/me/passkeys").body["items"][0]["last_used_at"] == clock.timestamp()
    assert ada.call("DELETE", f"/me/passkeys/{made.body['id']}").status == 204
    assert signs_in(ada.authenticator.get(factors.passkey_options())) is None
    assert factors.enrolled(ada.person) == []


def test_making_and_removing_one_are_told_by_an_event_each(ada):
    people = [ada.person]
    passkey_id = ada.enrol_passkey()
    people.append(ada.person)
    clock.tick(seconds=1)
    assert ada.call("DELETE", f"/me/passkeys/{passkey_id}").status == 204
    people.append(ada.person)
    for old, new in pairwise(people):
        (event,) = events_of("users", old, new, expired=False, public_url="https://rollcall.example")
        assert event["type"] == "user.factors_changed"


@pytest.mark.slow
def test_a_person_is_known_to_authenticators_by_an_opaque_handle_that_stays(aws):
    long = an_owner("i" * 128)
    first = long.options()["user"]["id"]
    handle = from_base64url(first)
    assert len(handle) <= 64
    assert b"iii" not in handle
    long.enrol_passkey()
    assert long.options()["user"]["id"] == first
    assert an_owner("U2").options()["user"]["id"] != first


def test_of_first_requests_at_once_all_name_the_same_handle(ada):
    person = ada.person
    with one_call_at_a_time(), ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: passkeys.registration_options(person)["user"]["id"], range(8)))
    assert len(set(made)) == 1


def test_a_known_passkey_is_not_made_again(ada):
    passkey_id = ada.enrol_passkey()
    assert ada.options()["excludeCredentials"] == [{"id": passkey_id, "type": "public-key"}]


LIES = {
    "another origin": {"origin": "https://rollcall.example.evil.example"},
    "another port": {"origin": "https://rollcall.example:8443"},
    "no encryption": {"origin": "http://rollcall.example"},
    "another site": {"rp_id": "evil.example"},
    "in another site's frame": {"cross_origin": True},
    "another challenge": {"challenge": base64url(bytes(32))},
    "no challenge": {"challenge": ""},
    "an answer of the other kind": {"type": "webauthn.other"},
}
"""What both ceremonies must refuse."""


@pytest.mark.slow
@pytest.mark.parametrize("lie", [*LIES, "user not verified", "user not present", "no key", "a weak key"])
def test_a_lie_makes_no_passkey(aws, ada, lie):
    told = LIES.get(lie, {})
    if lie == "user not verified":
        told = {"flags": USER_PRESENT | ATTESTED}
    elif lie == "user not present":
        told = {"flags": USER_VERIFIED | ATTESTED}
    elif lie == "no key":
        told = {"public_key": {}}
    elif lie == "a weak key":
        told = {"public_key": {1: 3, 3: -65535, -1: os.urandom(128), -2: b"\x01\x00\x01"}}  # RSA with SHA-1
    refused = register(ada, ada.authenticator.create(ada.options(), **told))
    assert (refused.status, [error["field"] for error in refused.body["errors"]]) == (422, ["response"])
    assert factors.enrolled(ada.person) == []
    assert [row for row in aws.rows("credentials") if row["id"].startswith("passkey#")] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "lie",
    [
        *LIES,
        "user not verified",
        "user not present",
        "another's handle",
        "no handle",
        "an empty handle",
        "another's key",
    ],
)
def test_a_lie_lets_nobody_in(ada, lie):
    ada.enrol_passkey()
    told = LIES.get(lie, {})
    if lie == "user not verified":
        told = {"flags": USER_PRESENT}
    elif lie == "user not present":
        told = {"flags": USER_VERIFIED}
    elif lie == "another's handle":
        told = {"user_handle": os.urandom(32)}
    elif lie == "no handle":
        told = {"user_handle": None}
    elif lie == "an empty handle":
        told = {"user_handle": b""}
    elif lie == "another's key":
        ada.authenticator.passkeys[0].key = ec.generate_private_key(ec.SECP256R1())
    assert signs_in(ada.authenticator.get(factors.passkey_options(), **told)) is None


def test_a_host_that_a_request_names_changes_nothing(ada):
    answer = ada.call("POST", "/me/passkeys/options", Host="evil.example", X_Forwarded_Host="evil.example")
    assert answer.body["rp"]["id"] == "rollcall.example"


def test_a_challenge_is_answered_once(aws, ada):
    options = ada.options()
    assert register(ada, ada.authenticator.create(options)).status == 201
    assert register(ada, Authenticator().create({**options, "excludeCredentials": []})).status == 422
    asked = factors.passkey_options()
    answer = ada.authenticator.get(asked)
    assert signs_in(answer) == "U1"
    assert signs_in(answer) is None
    assert signs_in(ada.authenticator.get(asked)) is None
    assert aws.rows("guards") == []


def test_a_wrong_answer_uses_up_its_challenge(ada):
    ada.enrol_passkey()
    asked = factors.passkey_options()
    assert signs_in(ada.authenticator.get(asked, rp_id="evil.example")) is None
    assert signs_in(ada.authenticator.get(asked)) is None


@pytest.mark.slow
def test_of_many_answers_at_once_one_gets_in(ada):
    ada.enrol_passkey()
    assert one_of_many(ada, passkey=ada.authenticator.get(factors.passkey_options())) == 1


@pytest.mark.slow
def test_a_challenge_dies_after_five_minutes(ada):
    made, asked = ada.options(), None
    clock.tick(seconds=300)
    assert register(ada, ada.authenticator.create(made)).status == 422
    ada.enrol_passkey()
    asked = factors.passkey_options()
    clock.tick(seconds=299)
    assert signs_in(ada.authenticator.get(asked)) == "U1"
    asked = factors.passkey_options()
    clock.tick(seconds=300)
    assert signs_in(ada.authenticator.get(asked)) is None


@pytest.mark.slow
def test_a_challenge_is_for_one_person_and_one_purpose(ada):
    eve = an_owner("U2")
    given_to_ada = ada.options()
    assert register(eve, eve.authenticator.create(given_to_ada)).status == 422
    assert register(ada, ada.authenticator.create(given_to_ada)).status == 201
    to_sign_in = factors.passkey_options()["challenge"]
    assert register(ada, Authenticator().create({**ada.options(), "challenge": to_sign_in})).status == 422
    to_register = ada.options()["challenge"]
    assert signs_in(ada.authenticator.get({**factors.passkey_options(), "challenge": to_register})) is None


def test_a_counter_that_goes_back_lets_nobody_in(ada, caplog):
    ada.enrol_passkey()
    thief = ada.authenticator.copy()
    assert signs_in(ada.authenticator.get(factors.passkey_options())) == "U1"
    assert signs_in(thief.get(factors.passkey_options())) is None
    assert signs_in(thief.get(factors.passkey_options(), count=0)) is None
    warned = [line for line in caplog.records if "counter went back" in line.getMessage()]
    assert [line.user_id for line in warned] == ["U1", "U1"]
    assert signs_in(ada.authenticator.get(factors.passkey_options())) == "U1"


def test_a_synced_passkey_counts_nothing(ada):
    ada.authenticator = Authenticator(counting=False, synced=True)
    assert register(ada, ada.authenticator.create(ada.options())).body["synced"] is True
    for _ in range(3):
        assert signs_in(ada.authenticator.get(factors.passkey_options())) == "U1"


def test_nobody_registers_anothers_passkey(ada):
    passkey_id = ada.enrol_passkey()
    eve = an_owner("U2")
    stolen = eve.authenticator.create(eve.options(), passkey_id=from_base64url(passkey_id))
    assert register(eve, stolen).status == 409
    assert signs_in(ada.authenticator.get(factors.passkey_options())) == "U1"
    assert factors.enrolled(eve.person) == []


@pytest.mark.slow
def test_twenty_passkeys_are_enough(ada):
    waiting = ada.options()
    for number in range(20):
        ada.enrol_passkey(f"Key {number}")
    assert ada.call("POST", "/me/passkeys/options").status == 409
    refused = register(ada, Authenticator().create({**waiting, "excludeCredentials": []}))
    assert (refused.status, len(ada.call("GET", "/me/passkeys").body["items"])) == (409, 20)


@pytest.mark.slow
def test_passkeys_registered_at_once_are_all_kept(aws, ada):
    person = ada.person
    answers = [Authenticator().create(ada.options()) for _ in range(4)]
    with one_call_at_a_time(), ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda answer: passkeys.register(person, "Key", answer), answers))
    assert len(record(aws)["passkeys"]) == 4


@pytest.mark.slow
def test_a_passkey_proves_a_second_factor_of_its_owner_alone(ada):
    ada.enrol_passkey()
    with pytest.raises(FactorRequired) as asked:
        factors.verify(ada.person, PresentedFactor())
    assert asked.value.members == {"factors": ["passkey"]}
    eve = an_owner("U2")
    eve.enrol_passkey()
    assert not proves(ada, passkey=eve.authenticator.get(factors.passkey_options()))
    assert not proves(ada, passkey=ada.authenticator.get(factors.passkey_options(), origin="https://evil.example"))
    assert proves(ada, passkey=ada.authenticator.get(factors.passkey_options()))
    for absent in (b"", None):
        assert proves(ada, passkey=ada.authenticator.get(factors.passkey_options(), user_handle=absent))


ALWAYS = USER_PRESENT | USER_VERIFIED


def test_a_passkey_that_is_backed_up_and_cannot_be_is_not_made(ada):
    told = {"flags": ALWAYS | ATTESTED | BACKED_UP}
    refused = register(ada, ada.authenticator.create(ada.options(), **told))
    assert (refused.status, [error["field"] for error in refused.body["errors"]]) == (422, ["response"])
    assert factors.enrolled(ada.person) == []


def test_a_passkey_that_is_backed_up_and_cannot_be_lets_nobody_in_and_proves_nothing(ada):
    ada.enrol_passkey()
    told = {"flags": ALWAYS | BACKED_UP}
    assert signs_in(ada.authenticator.get(factors.passkey_options(), **told)) is None
    assert not proves(ada, passkey=ada.authenticator.get(factors.passkey_options(), **told))


FLAGS = [0, BACKUP_ELIGIBLE, BACKUP_ELIGIBLE | BACKED_UP]


@pytest.mark.slow
@pytest.mark.parametrize("used", FLAGS)
@pytest.mark.parametrize("made", FLAGS)
def test_a_passkey_that_learns_to_synchronise_or_forgets_it_goes_on(ada, made, used):
    ada.enrol_passkey(flags=ALWAYS | ATTESTED | made)
    told = {"flags": ALWAYS | used}
    assert signs_in(ada.authenticator.get(factors.passkey_options(), **told)) == "U1"
    assert proves(ada, passkey=ada.authenticator.get(factors.passkey_options(), **told))
    (shown,) = ada.call("GET", "/me/passkeys").body["items"]
    assert shown["synced"] is bool(used & BACKED_UP)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (["internal", "hybrid"], ["internal", "hybrid"]),
        (["telepathy", "internal"], ["telepathy", "internal"]),
        (["x" * 33, 7, None, "usb", ""], ["usb"]),
        (["usb"] * 99, ["usb"] * 10),
        ([], None),
        (None, None),
        ("usb", None),
        ({"usb": True}, None),
    ],
)
def test_how_a_passkey_can_be_reached_is_kept_also_where_nobody_knows_it_yet(aws, ada, told, kept):
    ada.enrol_passkey(transports=told)
    assert record(aws)["passkeys"][0].get("transports") == kept
    assert signs_in(ada.authenticator.get(factors.passkey_options())) == "U1"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\u202eb", "a\nb"])
def test_a_name_is_text_that_can_be_seen(ada, name):
    refused = register(ada, ada.authenticator.create(ada.options()), name)
    assert [error["field"] for error in refused.body["errors"]] == ["name"]


KEY = cose(ec.generate_private_key(ec.SECP256R1()))


NO_PASSKEYS = {
    "a point off the curve": {"public_key": {**KEY, -2: bytes(32)}},
    "a coordinate too long": {"public_key": {**KEY, -2: bytes(3000)}},
    "another curve than the algorithm's": {"public_key": {**KEY, -1: 2}},
    "an algorithm not asked for": {"public_key": {**KEY, 3: -35}},
    "an Ed25519 key too short": {"public_key": {1: 1, 3: -8, -1: 6, -2: bytes(31)}},
    "an RSA key of nothing": {"public_key": {1: 3, 3: -257, -1: b"", -2: b""}},
    "a list": {"public_key": [1, 2]},
    "no key": {"public_key": {}},
    "no id": {"passkey_id": b""},
    "an id too long": {"passkey_id": bytes(1024)},
}


@pytest.mark.slow
@pytest.mark.parametrize("told", NO_PASSKEYS.values(), ids=NO_PASSKEYS)
def test_what_is_no_passkey_is_refused(ada, told):
    assert register(ada, ada.authenticator.create(ada.options(), **told)).status == 422


@pytest.mark.parametrize("form", ["packed", "tpm", "apple", "unheard-of"])
def test_what_made_a_passkey_is_not_asked_and_not_listened_to(ada, form):
    told = {"format": form, "statement": {"alg": -7, "sig": b"anything"}}
    assert register(ada, ada.authenticator.create(ada.options(), **told)).status == 201


def test_a_passkey_of_another_id_than_it_says_is_refused(ada):
    made = ada.authenticator.create(ada.options())
    assert register(ada, {**made, "id": base64url(b"other"), "rawId": base64url(b"other")}).status == 422


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
ENCODED = st.binary(max_size=60).map(base64url) | st.text(max_size=10) | JSON


@pytest.mark.slow
@examples(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_no_answer_whatever_it_holds_is_a_failure(ada, data):
    if not ada.authenticator.passkeys:  # the same person for every example
        ada.enrol_passkey()
    honest = ada.authenticator.get(factors.passkey_options())
    if data.draw(st.booleans()):
        where = data.draw(st.sampled_from(["id", "rawId", "type", "response"]))
        honest[where] = data.draw(ENCODED)
    else:
        where = data.draw(st.sampled_from(["clientDataJSON", "authenticatorData", "signature", "userHandle"]))
        honest["response"][where] = data.draw(ENCODED)
    assert signs_in(honest) in {None, "U1"}
    made = Authenticator().create({**ada.options(), "excludeCredentials": []})
    where = data.draw(st.sampled_from(["clientDataJSON", "attestationObject"]))
    made["response"][where] = data.draw(ENCODED)
    assert register(ada, made).status == 422


@pytest.mark.parametrize("where", ["rawId", "clientDataJSON", "authenticatorData", "signature", "userHandle"])
def test_a_number_is_no_order_for_as_many_bytes(ada, where):
    ada.enrol_passkey()
    honest = ada.authenticator.get(factors.passkey_options())
    del honest["id"]
    (honest if where in honest else honest["response"])[where] = 50_000_000
    tracemalloc.start()
    try:
        assert signs_in(honest) is None
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_signing_in_costs_two_reads_and_two_writes(ada):
    ada.enrol_passkey()
    answer = ada.authenticator.get(factors.passkey_options())
    with telemetry.recording() as calls:
        assert signs_in(answer) == "U1"
    assert calls.names == ["DeleteItem", "GetItem", "GetItem", "PutItem"]
