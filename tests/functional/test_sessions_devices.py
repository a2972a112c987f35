"""Known devices: what guesses of others cost the owner, and how a device becomes a stranger again."""

from __future__ import annotations

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.settings import settings
from chalicelib.sessions import devices
from tests.builders import PASSWORD, a_user
from tests.cloudlike import NAMES
from tests.functional.serial import one_call_at_a_time
from tests.functional.visitors import Visitor, mailed, token_of, visitor

pytestmark = pytest.mark.usefixtures("held_clock")

ADA = "ada@maths.example"
WRONG = "not the right password"
ANOTHER = "copper lantern river nine"


def enter(password: str = PASSWORD, device: str | None = None, email: str = ADA):
    body = {"email": email, "password": password, **({"device": device} if device else {})}
    return Visitor().call("POST", "/sessions", body)


@pytest.fixture
def ada(aws):
    return a_user(id="U.1", email=ADA, password=PASSWORD)


@pytest.fixture
def device(ada):
    """The token of a device that Ada has signed in on."""
    return enter().body["device"]


def new_devices(aws) -> list[bool]:
    return [row["new_device"] for row in sorted(aws.rows("sessions"), key=lambda row: row["created_at"])]


def test_a_device_is_new_once(aws, device):
    clock.tick(seconds=1)
    second = enter(device=device).body["device"]
    clock.tick(seconds=1)
    assert enter(device=second).status == 201
    assert new_devices(aws) == [True, False, False]
    assert second != device
    assert second.partition(".")[0] == device.partition(".")[0]


def test_a_sign_in_on_a_known_device_costs_no_more(device):
    enter(device=device)
    with telemetry.recording() as record:
        enter(device=device)
    assert record.names == ["UpdateItem", "GetItem", "GetItem", "GetItem", "PutItem", "DeleteItem"]


@pytest.mark.slow
def test_guesses_of_strangers_keep_no_owner_out(aws, device):
    while enter(WRONG).status == 401:
        pass
    assert enter().status == 429
    assert enter(device=device).status == 201
    assert enter().status == 429


@pytest.mark.slow
def test_guesses_on_a_known_device_are_counted_too(aws, device):
    assert [enter(WRONG, device).status for _ in range(6)] == [401] * 5 + [429]
    assert enter(device=device).status == 429
    assert enter().status == 201


def test_nothing_is_stored_of_a_token(aws, device):
    enter(WRONG, device)
    everything = repr([aws.rows(table) for table in ("sessions", "guards", "users", "credentials")])
    assert device not in everything
    assert device.rpartition(".")[2] not in everything


@pytest.mark.slow
@pytest.mark.parametrize("email", ["grace@maths.example", "unknown@maths.example"])
def test_a_device_of_another_is_a_strangers(aws, device, email):
    """The owner of one account must not gain guesses at others' by their own devices."""
    a_user(email="grace@maths.example", password=PASSWORD)
    assert [enter(WRONG, device, email).status for _ in range(5)] == [401] * 5
    assert enter(PASSWORD, None, email).status == 429


@pytest.mark.slow
def test_who_signs_in_on_the_device_of_another_is_new_there(aws, device):
    a_user(email="grace@maths.example", password=PASSWORD)
    clock.tick(seconds=1)
    hers = enter(device=device, email="grace@maths.example").body["device"]
    assert new_devices(aws)[-1] is True
    assert hers.partition(".")[0] != device.partition(".")[0]


@pytest.mark.slow
def test_forged_devices_are_strangers(aws, device):
    place, _, mac = device.rpartition(".")
    device_id, _, rest = place.partition(".")
    forged = [
        "",
        "x",
        "....",
        device[:-1],
        device + "A",
        f"{place}.{mac[::-1]}",
        f"01ANOTHERDEVICE.{rest}.{mac}",
        device.replace("U.1", "U.2"),
        device.replace(".1.", ".2."),
        f"{device_id}.U.1.9.{clock.epoch()}.1.{mac}",
        f"{device_id}.U.1.one.{clock.epoch()}.1.{mac}",
        "\u00fc" + device,
    ]
    for text in forged:
        assert devices.parse(text) is None, text
    for _ in range(5):
        enter(WRONG)
    assert {enter(device=text).status for text in forged} == {429}


def test_a_refresh_token_is_no_device_and_a_device_no_refresh_token(aws, ada):
    tokens = enter().body
    assert devices.parse(tokens["refresh_token"]) is None
    assert Visitor().refresh(tokens["device"]).status == 401


def test_a_device_is_forgotten_after_a_year(aws, device):
    clock.tick(days=364)
    assert devices.parse(device) is not None
    clock.tick(days=1)
    assert devices.parse(device) is None


@pytest.mark.slow
def test_a_reset_makes_strangers_of_all_devices(aws, device):
    Visitor().call("POST", "/password-resets", {"email": ADA})
    (mail,) = mailed(aws)
    confirmed = {"token": token_of(mail), "password": ANOTHER}
    assert Visitor().call("POST", "/password-resets/confirm", confirmed).status == 204
    for _ in range(5):
        enter(WRONG)
    assert enter(ANOTHER, device).status == 429
    clock.tick(minutes=1)
    fresh = enter(ANOTHER, device)
    assert fresh.status == 201
    assert new_devices(aws)[-1] is True
    assert fresh.body["device"].partition(".")[0] != device.partition(".")[0]


@pytest.mark.slow
def test_a_changed_password_makes_strangers_of_all_devices(aws, device):
    change = {"current_password": PASSWORD, "new_password": ANOTHER}
    assert visitor(ADA).call("PUT", "/me/password", change).status == 204
    clock.tick(seconds=1)
    enter(ANOTHER, device)
    assert new_devices(aws)[-1] is True


@pytest.mark.slow
def test_signing_out_everywhere_makes_strangers_of_all_devices(aws, device):
    with one_call_at_a_time():
        assert visitor(ADA).call("DELETE", "/sessions").status == 204
    for _ in range(5):
        enter(WRONG)
    assert enter(device=device).status == 429
    clock.tick(minutes=1)
    fresh = enter(device=device)
    assert fresh.status == 201
    assert new_devices(aws)[-1] is True
    clock.tick(seconds=1)
    enter(device=fresh.body["device"])
    assert new_devices(aws)[-1] is False


def test_an_old_key_still_knows_its_devices(aws, device):
    secret = '{"1": "' + "k" * 64 + '", "2": "' + "n" * 64 + '"}'
    clients.client("secretsmanager").put_secret_value(SecretId=NAMES.of("app-keys"), SecretString=secret)
    clients.clear()
    renewed = enter(device=device).body["device"]
    assert (device.split(".")[-2], renewed.split(".")[-2]) == ("1", "2")
    assert new_devices(aws)[-1] is False


def test_a_device_says_nothing_in_logs(aws, device):
    assert device.rpartition(".")[2] not in repr(devices.parse(device))


@settings.held(free_password_attempts=1)
def test_settings_are_read(ada):
    assert [enter(WRONG).status for _ in range(2)] == [401, 429]
