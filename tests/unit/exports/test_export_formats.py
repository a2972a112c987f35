"""Exports in the formats of other systems: as their schemas say, and as our own import reads them again."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from chalicelib.core.settings import settings
from chalicelib.exports.formats.fields import NAMES, LeftOut
from chalicelib.exports.model import FORMATS, check_hashes
from chalicelib.passwords import as_stored
from chalicelib.passwords.foreign import Project, from_firebase
from tests.functional.vendor_files import FIREBASE_HASH, FIREBASE_PASSWORD, FIREBASE_SALT, HASH_CONFIG
from tests.unit.exports.files import (
    ANN,
    BCRYPT,
    BEA,
    CEM,
    DEV,
    EVE,
    FIRESCRYPT,
    OWN,
    PBKDF2,
    PEOPLE,
    TOTP,
    UUID,
    ZERO_KEY,
    document,
    exported,
    imported,
)

NEVER = {"passkeys": 1, "recovery_codes": 1}
OWN_FIELDS = {name: ANN[name] for name in ("age", "birthdate", "locale", "terms_version", "terms_accepted_at")}


def without(document: dict, *names: str) -> dict:
    return {name: value for name, value in document.items() if name not in names}


@pytest.mark.parametrize("file_format", FORMATS)
def test_nobody_is_a_file_of_that_format_too(file_format):
    data, left_out = exported(file_format, [])
    assert left_out == {}
    if data.startswith((b"[", b"{")):
        assert json.loads(data) in (
            [],
            {"users": []},
            {"identities": []},
            {"ifResourceExists": "SKIP", "users": []},
        )


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_file_without_credentials_has_none_and_misses_none(file_format):
    data, left_out = exported(file_format, PEOPLE, credentials=False)
    assert [secret for secret in (OWN, BCRYPT, FIRESCRYPT, PBKDF2, TOTP) if secret.encode() in data] == []
    assert not {name.partition(" ")[0] for name in left_out} & {"password_hash", "totp_secret", *NEVER}


@pytest.mark.parametrize("file_format", ["ndjson", "csv"])
def test_our_own_files_leave_out_what_no_file_holds(file_format):
    data, left_out = exported(file_format)
    assert left_out == NEVER
    rows = [without(person, *NEVER, "created_at") for person in PEOPLE]
    assert imported(data, "Rollcall") == rows


def test_auth0_gets_people_with_an_address_and_each_hash_that_it_takes():
    data, left_out = exported("auth0")
    assert left_out == {
        **NEVER,
        "identities": 1,
        "metadata": 1,
        "password_hash (firescrypt)": 1,
        "person (no email address)": 1,
    }
    ann, bea, cem, eve = imported(data, "Auth0")
    assert ann == {
        **without(ANN, *OWN_FIELDS, *NEVER, "roles", "identities", "created_at"),
        "attributes": {**ANN["attributes"], **OWN_FIELDS},
        "metadata": {**ANN["metadata"], "roles": ANN["roles"]},
    }
    assert bea == without(BEA, "created_at")
    assert cem == {**without(CEM, "password_hash"), "metadata": {"plan": "silver", "zero": "\0"}}
    assert eve == EVE
    first = json.loads(data)[0]
    assert first["mfa_factors"] == [{"totp": {"secret": TOTP}}]
    assert first["custom_password_hash"] == {"algorithm": "argon2", "hash": {"value": OWN, "encoding": "utf8"}}
    assert json.loads(data)[1]["password_hash"] == BCRYPT


def test_auth0_gets_no_member_that_its_schema_does_not_have():
    """https://auth0.com/docs/manage-users/user-migration/bulk-user-import-schema"""
    of_user = {
        *("email", "email_verified", "user_id", "username", "given_name", "family_name", "name", "nickname"),
        *("picture", "blocked", "password_hash", "custom_password_hash", "app_metadata", "user_metadata"),
        "mfa_factors",
    }
    users = document("auth0", *PEOPLE)
    assert {name for user in users for name in user} <= of_user
    assert all(not {"password_hash", "custom_password_hash"} <= user.keys() for user in users)


def test_auth0_puts_its_prefix_before_an_id_itself():
    (user,) = document("auth0", {**BEA, "id": "auth0|5f7c"})
    assert user["user_id"] == "5f7c"


def test_cognito_gets_verified_people_with_the_hashes_of_one_algorithm():
    data, left_out = exported("cognito")
    assert left_out == {
        **NEVER,
        **dict.fromkeys(("age", "identities", "metadata", "roles", "totp_secret"), 1),
        **dict.fromkeys(("terms_version", "terms_accepted_at"), 1),
        "attributes": 1,
        "password_hash (bcrypt)": 1,
        "password_hash (pbkdf2)": 1,
        "person (no verified email address)": 2,
    }
    ann, bea, eve = imported(data, "Cognito")
    assert ann == {
        name: ANN[name]
        for name in ("id", "email", "email_verified", "name", "birthdate", "locale", "attributes", "password_hash")
    }
    assert bea == {
        **{name: BEA[name] for name in ("id", "email", "email_verified", "name")},
        "attributes": {"nickname": 'The "B", best'},
    }
    assert eve == without(EVE, "password_hash")


def test_cognito_gets_nobody_who_is_disabled():
    """It would let them in again: its file has no way to say it."""
    data, left_out = exported("cognito", [{**BEA, "status": "disabled"}])
    assert (data.count(b"\n"), left_out) == (1, {"person (disabled)": 1})


@pytest.mark.parametrize(("hashes", "who"), [("BCRYPT", BEA), ("ARGON2ID", ANN), ("PBKDF2_SHA256", EVE)])
def test_the_hashes_that_are_asked_for_select_who_has_such(hashes, who):
    data, left_out = exported("cognito", PEOPLE, hashes=hashes)
    assert not [name for name in left_out if name.startswith("person")]
    (row,) = imported(data, "Cognito")
    assert (row["id"], row["password_hash"]) == (who["id"], who["password_hash"])


def test_firebase_gets_the_hashes_of_one_algorithm_and_only_what_tokens_tell():
    with settings.held(token_claims=("plan",)):
        data, left_out = exported("firebase")
    assert left_out == {
        **NEVER,
        **dict.fromkeys(("age", "birthdate", "locale", "terms_version", "terms_accepted_at", "totp_secret"), 1),
        "attributes": 2,
        "identities": 1,
        "metadata": 2,
        "password_hash (SCRYPT --rounds=8 --mem-cost=14)": 1,
        "password_hash (PBKDF2_SHA256 --rounds=29000)": 1,
        "password_hash (argon2id)": 1,
        "password_hash (md5-crypt)": 1,
    }
    users = json.loads(data)["users"]
    assert users[0] == {
        "localId": UUID,
        "emailVerified": True,
        "email": "Ann@example.com",
        "displayName": "Ann Ünal",
        "photoUrl": "https://a.example/a.png",
        "phoneNumber": "+15551112233",
        "createdAt": "1772366400250",
        "customAttributes": '{"plan":"gold","roles":["admin","support"]}',
        "providerUserInfo": [{"providerId": "google.com", "rawId": "113", "email": "a@gmail.example"}],
    }
    assert users[2]["disabled"] is True
    assert [user.get("passwordHash", "") != "" for user in users] == [False, True, False, False, False]


def test_a_hash_of_firebase_goes_back_without_the_secret_of_its_project():
    """Under a signer key of zeros, whose hash is the key stream that we keep."""
    data, _ = exported("firebase", PEOPLE, hashes="SCRYPT --rounds=8 --mem-cost=14")
    (row,) = imported(data, "Firebase", firebase=ZERO_KEY)
    assert (row["id"], row["password_hash"]) == (CEM["id"], FIRESCRYPT)


def test_such_a_hash_is_what_firebase_computes_of_the_password():
    """As https://github.com/firebase/scrypt says, with the options that docs/moving/out.md names."""
    stored = from_firebase(FIREBASE_HASH, FIREBASE_SALT, Project.shown(HASH_CONFIG))
    (user,) = document("firebase", {**CEM, "password_hash": stored}, hashes="SCRYPT --rounds=8 --mem-cost=14")[
        "users"
    ]
    salt = base64.b64decode(user["salt"])
    key = hashlib.scrypt(FIREBASE_PASSWORD.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32, maxmem=2**26)
    encryptor = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
    assert encryptor.update(bytes(64)) == base64.b64decode(user["passwordHash"])


def test_firebase_takes_no_more_claims_than_its_tokens_hold():
    with settings.held(token_claims=("long", "sub")):
        (user,) = document("firebase", {**BEA, "metadata": {"long": "x" * 1000}})["users"]
        other = document("firebase", {**BEA, "metadata": {"sub": "x"}})["users"][0]
    assert "customAttributes" not in user
    assert "customAttributes" not in other


def test_kratos_gets_everybody_and_no_second_factor():
    data, left_out = exported("kratos")
    assert left_out == {**NEVER, "totp_secret": 1}
    ann, bea, cem, dev, eve = imported(data, "Kratos")
    assert ann == {
        **{name: ANN[name] for name in ("email", "email_verified", "name", "password_hash")},
        "attributes": {**ANN["attributes"], **OWN_FIELDS},
        "metadata": {**ANN["metadata"], "roles": ANN["roles"], "rollcall_id": UUID},
        "identities": [
            {"connection": "google", "kind": "google", "subject": "113"},
            {"connection": "corp", "subject": "c-7"},
        ],
    }
    assert bea == {**without(BEA, "id", "created_at"), "metadata": {"rollcall_id": "b"}}
    assert cem == {**without(CEM, "id"), "metadata": {**CEM["metadata"], "rollcall_id": "c"}}
    assert dev["password_hash"] == DEV["password_hash"]
    assert eve["password_hash"] == PBKDF2
    assert json.loads(data)["identities"][0]["create"]["schema_id"] == "default"


def test_keycloak_gets_the_hashes_that_it_computes_and_each_totp_secret():
    data, left_out = exported("keycloak")
    assert left_out == {
        **NEVER,
        "password_hash (bcrypt)": 1,
        "password_hash (firescrypt)": 1,
        "password_hash (md5-crypt)": 1,
    }
    ann, bea, cem, dev, eve = json.loads(data)["users"]
    assert {name: ann[name] for name in ("id", "username", "email", "enabled", "emailVerified")} == {
        "id": UUID,
        "username": "ann@example.com",
        "email": "Ann@example.com",
        "enabled": True,
        "emailVerified": True,
    }
    assert (ann["firstName"], ann["lastName"], ann["createdTimestamp"]) == ("Ann", "Ünal", 1772366400250)
    assert ann["realmRoles"] == ["admin", "support"]
    assert ann["attributes"]["plan"] == ["gold"]
    assert ann["attributes"]["age"] == ["36"]
    assert ann["federatedIdentities"] == [
        {"identityProvider": "google", "userId": "113", "userName": "a@gmail.example"},
        {"identityProvider": "corp", "userId": "c-7", "userName": "c-7"},
    ]
    password, otp = ann["credentials"]
    assert json.loads(password["credentialData"]) == {
        "hashIterations": 2,
        "algorithm": "argon2",
        "additionalParameters": {
            "type": ["id"],
            "version": ["1.3"],
            "memory": ["19456"],
            "parallelism": ["1"],
            "hashLength": ["32"],
        },
    }
    assert (otp["type"], json.loads(otp["secretData"])) == ("otp", {"value": TOTP})
    assert bea["attributes"]["deep"] == ['[1,{"x":null}]']
    assert (cem["enabled"], "credentials" in cem) == (False, False)
    assert (dev["username"], "id" in dev, dev["attributes"]["rollcall_id"]) == (DEV["id"], False, [DEV["id"]])
    assert (eve["firstName"], eve["lastName"]) == ("Eve X", "Y")
    assert json.loads(eve["credentials"][0]["credentialData"])["algorithm"] == "pbkdf2-sha256"


def test_people_come_back_from_keycloak():
    """Where each attribute is a text, and those that are no claims of a person are the administrators'."""
    ann, bea, cem, dev, eve = imported(exported("keycloak")[0], "Keycloak")
    assert ann == {
        **without(ANN, *OWN_FIELDS, *NEVER, "roles", "created_at"),
        **{name: ANN[name] for name in ("birthdate", "locale")},
        "attributes": {**ANN["attributes"], "family_name": "Ünal", "username": "ann@example.com"},
        "metadata": {
            **ANN["metadata"],
            **{name: str(ANN[name]) for name in ("age", "terms_version", "terms_accepted_at")},
            "groups": ANN["roles"],
        },
        "identities": [
            {"connection": "google", "kind": "google", "subject": "113", "label": "a@gmail.example"},
            {"connection": "corp", "subject": "c-7", "label": "c-7"},
        ],
    }
    assert (bea["name"], bea["metadata"]) == (BEA["name"], {"lines": "a\r\nb", "deep": '[1,{"x":null}]'})
    assert (cem["name"], cem["status"], "password_hash" in cem) == (CEM["name"], "disabled", False)
    assert (dev["name"], dev["metadata"]) == ("Dev", {"rollcall_id": DEV["id"]})
    assert eve["password_hash"].replace("i=29000", "i=29000,l=32") == PBKDF2


def test_supabase_gets_rows_that_postgresql_takes():
    with settings.held(token_claims=("plan",)):
        data, left_out = exported("supabase")
    assert left_out == {
        **NEVER,
        "identities": 1,
        "metadata": 2,
        "password_hash (md5-crypt)": 1,
        "password_hash (pbkdf2)": 1,
    }
    ann, bea, cem, dev, _ = csv.DictReader(io.StringIO(data.decode(), newline=""))
    assert (ann["id"], ann["encrypted_password"]) == (UUID, OWN)
    assert json.loads(ann["mfa_factors"])[0]["secret"] == TOTP
    assert json.loads(ann["raw_app_meta_data"]) == {"plan": "gold", "roles": ["admin", "support"]}
    assert json.loads(ann["raw_user_meta_data"]) == {**ANN["attributes"], **OWN_FIELDS, "name": "Ann Ünal"}
    assert json.loads(ann["identities"]) == [
        {
            "provider": "google",
            "provider_id": "113",
            "identity_data": {"sub": "113", "email": "a@gmail.example"},
        }
    ]
    assert ann["email_confirmed_at"] == ann["created_at"] == "2026-03-01T12:00:00.250Z"
    assert (bea["encrypted_password"], bea["banned_until"]) == (BCRYPT, "")
    assert json.loads(bea["raw_user_meta_data"]) == {**BEA["attributes"], "name": BEA["name"]}
    assert json.loads(bea["raw_app_meta_data"]) == {"rollcall_id": "b"}
    assert cem["encrypted_password"].startswith("$fbscrypt$v=1,n=14,r=8,p=1,sk=AAAA")
    assert (cem["email_confirmed_at"], cem["banned_until"][:4]) == ("", "9999")
    assert (dev["email"], dev["encrypted_password"]) == ("", "")


def test_people_come_back_from_supabase():
    with settings.held(token_claims=("plan",)):
        ann, bea, cem, dev, eve = imported(exported("supabase")[0], "Supabase")
    further = {name: ANN[name] for name in ("age", "terms_version", "terms_accepted_at")}
    assert ann == {
        **without(ANN, *OWN_FIELDS, *NEVER, "roles", "created_at"),
        **{name: ANN[name] for name in ("birthdate", "locale")},
        "attributes": {**ANN["attributes"], **further},
        "metadata": {"plan": "gold", "roles": ANN["roles"]},
        "identities": [{"connection": "google", "kind": "google", "subject": "113", "label": "a@gmail.example"}],
    }
    assert bea == {**without(BEA, "created_at"), "id": bea["id"], "metadata": {"rollcall_id": "b"}}
    assert as_stored(cem["password_hash"]) == FIRESCRYPT
    assert (cem["status"], cem["metadata"]) == ("disabled", {"plan": "silver", "rollcall_id": "c"})
    assert (dev["name"], dev["metadata"]) == ("Dev", {"rollcall_id": DEV["id"]})
    assert (eve["email"], "password_hash" in eve) == ("e@example.com", False)


def test_supabase_gets_no_text_that_its_json_cannot_hold():
    row = {**BEA, "attributes": {"zero": "\0", "half": "\ud800", "fine": "a"}}
    data, left_out = exported("supabase", [row])
    (bea,) = csv.DictReader(io.StringIO(data.decode(), newline=""))
    assert json.loads(bea["raw_user_meta_data"]) == {"fine": "a", "name": BEA["name"]}
    assert left_out == {"attributes": 1}


def test_what_is_left_out_has_few_names_however_many_hashes_there_are():
    counted = LeftOut()
    for rounds in range(NAMES + 10):
        counted.add([f"password_hash (PBKDF2_SHA256 --rounds={rounds})"])
    counted.add({"password_hash (bcrypt)": 5, "age": 2})
    assert len(counted.people) == NAMES + 2
    assert counted.people["password_hash"] == 15


@pytest.mark.parametrize(
    ("file_format", "hashes", "fits"),
    [
        ("cognito", "BCRYPT", True),
        ("cognito", "bcrypt", False),
        ("firebase", "PBKDF2_SHA256 --rounds=29000", True),
        ("firebase", "PBKDF2_SHA256", False),
        ("firebase", "STANDARD_SCRYPT --mem-cost=16384 --parallelization=1 --block-size=8 --dk-len=64", True),
        ("auth0", "BCRYPT", False),
    ],
)
def test_hashes_are_for_files_of_one_algorithm(file_format, hashes, fits):
    try:
        check_hashes(file_format, hashes)
    except ValueError:
        assert not fits
    else:
        assert fits
