"""TOTP secrets that other systems made: taken as they are written, and told where they are short or left behind."""

from __future__ import annotations

import json

import pyotp
import pytest

from chalicelib.core import clock
from tests.functional.importing import people
from tests.functional.vendor_files import BCRYPT, BCRYPT_PASSWORD
from tests.functional.visitors import Visitor

ANN = "ann@example.com"
SHORT = "JBSWY3DPEHPK3PXP"
"""16 letters, 80 bits: the commonest size elsewhere."""
FULL = SHORT * 2


def of_rollcall(secret: str) -> dict:
    return {"email": ANN, "email_verified": True, "password_hash": BCRYPT, "totp_secret": secret}


def of_auth0(secret: str) -> dict:
    factors = [{"totp": {"secret": secret}}]
    return {"email": ANN, "email_verified": True, "password_hash": BCRYPT, "mfa_factors": factors}


def of_kratos(secret: str) -> dict:
    config = {"password": {"config": {"hashed_password": BCRYPT}}, "totp": {"config": {"totp_url": secret}}}
    return {"traits": {"email": ANN}, "credentials": config}


SYSTEMS = (of_rollcall, of_auth0, of_kratos)


@pytest.mark.slow
@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(
    ("written", "bits"),
    [
        (SHORT, 80),
        ("jbsw y3dp ehpk 3pxp", 80),
        ("JBSW-Y3DP-EHPK-3PXP====", 80),
        ("JBSW\u2013Y3DP\u2011EHPK\u00a03PXP\u200b", 80),
        (f"otpauth://totp/Shop:ann?secret={SHORT}&issuer=Shop", 80),
        (f"otpauth://totp/C# Shop:ann?secret={SHORT}&issuer=C# Shop", 80),
        (f"{SHORT}JBSWY3DP", 120),
        (f"{FULL.lower()}\n", None),
        (f"OTPAUTH://totp/Shop?secret={FULL}&digits=6&algorithm=SHA1&period=30", None),
    ],
)
def test_a_secret_is_taken_however_it_is_written_and_told_where_it_is_short(
    state_machines, aws, system, written, bits
):
    job = state_machines.drop(json.dumps([system(written)]).encode())
    assert job["counts"]["created"] == 1, state_machines.errors(job)
    assert people(aws)[ANN]["factors"] == ["totp"]
    body = {"email": ANN, "password": BCRYPT_PASSWORD}
    assert Visitor().call("POST", "/sessions", body).body["factors"] == ["totp"]
    whole = FULL if bits is None else (SHORT + "JBSWY3DP")[: bits // 5]
    code = pyotp.TOTP((whole + "A" * 16)[: max(len(whole), 24)]).at(clock.epoch())
    answer = Visitor().call("POST", "/sessions", {**body, "otp": code})
    assert answer.status == 201
    visitor = Visitor()
    visitor.access_token = answer.body["access_token"]
    assert visitor.call("GET", "/me/factors").body["totp"].get("bits") == bits


@pytest.mark.slow
@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(
    "written",
    [SHORT[:8], f"otpauth://totp/x?secret={FULL}&digits=8", f"otpauth://hotp/x?secret={FULL}&counter=1"],
)
def test_who_could_not_prove_their_factor_here_comes_without_it_and_is_named(state_machines, aws, system, written):
    job = state_machines.drop(json.dumps([system(written)]).encode())
    assert job["counts"]["created"] == 1, state_machines.errors(job)
    person = people(aws)[ANN]
    assert (person.get("factors"), person["metadata"]) == (None, {"second_factors_left_behind": ["totp"]})
    assert Visitor().enter(ANN, BCRYPT_PASSWORD).status == 201


@pytest.mark.slow
def test_an_upsert_puts_no_such_note_in_the_place_of_metadata(state_machines, aws):
    state_machines.drop(json.dumps([{"email": ANN, "metadata": {"plan": 7}}]).encode())
    job = state_machines.drop(json.dumps([of_rollcall(SHORT[:8])]).encode(), mode="upsert")
    assert (job["counts"]["unchanged"], people(aws)[ANN]["metadata"]) == (1, {"plan": 7})


@pytest.mark.slow
@pytest.mark.parametrize("metadata", [{"plan": 8}, {}, {"second_factors_left_behind": ["sms"]}])
def test_the_note_stays_when_the_file_is_sent_again(state_machines, aws, metadata):
    row = {**of_rollcall(SHORT[:8]), "metadata": {"plan": 7}}
    state_machines.drop(json.dumps([row]).encode())
    again = json.dumps([{**row, "metadata": metadata}]).encode()
    assert state_machines.drop(again, mode="upsert")["counts"]["updated"] == 1
    assert state_machines.drop(again, mode="upsert")["counts"]["unchanged"] == 1
    noted = ["totp", *metadata.get("second_factors_left_behind", [])]
    assert people(aws)[ANN]["metadata"] == {**metadata, "second_factors_left_behind": noted}
