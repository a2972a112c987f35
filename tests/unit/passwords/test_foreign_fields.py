"""Hashes that other systems keep in several fields, or under a name that says what they are."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.passwords import schemes
from chalicelib.passwords.foreign import FieldFault, from_clerk, from_fusionauth, from_keycloak

PASSWORD = "Grüße aus Köln"
SALT = "MDEyMzQ1Njc4OWFiY2RlZg=="


def keycloak(data: dict[str, object], value: object, salt: object = SALT) -> dict[str, object]:
    secret = {"value": value, "salt": salt, "additionalParameters": {}}
    return {"type": "password", "credentialData": json.dumps(data), "secretData": json.dumps(secret)}


def argon2(iterations: int = 2, **parameters: str) -> dict[str, object]:
    usual = {"hashLength": "32", "memory": "64", "type": "id", "version": "1.3", "parallelism": "1"}
    lists = {name: [value] for name, value in {**usual, **parameters}.items()}
    return {"hashIterations": iterations, "algorithm": "argon2", "additionalParameters": lists}


def pbkdf2(algorithm: object, iterations: object = 1000) -> dict[str, object]:
    return {"hashIterations": iterations, "algorithm": algorithm, "additionalParameters": {}}


# Bouncy Castle 1.78's Argon2BytesGenerator, and the JDK's SecretKeyFactory with keys of 512 bits, as Keycloak's
# Argon2PasswordHashProvider and Pbkdf2PasswordHashProvider call them; the last is Peter of Lakekeeper's realm file
# (https://github.com/lakekeeper/lakekeeper, examples/access-control-advanced/keycloak)
SHA1 = "kEpAx9WV0Ciu2IOwaIUg8FurKzLIDXwanJeZTBiNWF/8qIvgOrBgnCyK0MBLeJkiIz3JJvijEkNFVxJxy8/NpQ=="
SHA256 = "/m/lp5b9N8Gv0LBajnGE2xdoMpJ4LP0fq2BzLIh5nweyaZ6L1NIrzFskx4bxwa1K3uLrnlBUcLJq4ZfsWc6Tqw=="
SHA512 = "Pvb4PL5uKtOm4vc+qSs7BQ4JFKawCnFegDfHApKfoAB0R0IwmZhQgUsVYrvDaNePXkxxWwLslm2HdqqvL5cfcQ=="
KEYCLOAK = [
    (PASSWORD, keycloak(pbkdf2("pbkdf2"), SHA1)),
    (PASSWORD, keycloak(pbkdf2("pbkdf2-sha256"), SHA256)),
    (PASSWORD, keycloak(pbkdf2("pbkdf2-sha512"), SHA512)),
    (PASSWORD, keycloak(argon2(), "nmIFZkGmkbCBGokd72xEAGjvgY9MaJ5L14rWM7ZetGQ=")),
    (
        PASSWORD,
        {
            "type": "password",
            "hashedSaltedValue": SHA256,
            "salt": SALT,
            "hashIterations": 1000,
            "algorithm": "pbkdf2-sha256",
        },
    ),
    (
        "iceberg",
        keycloak(
            argon2(5, memory="7168"), "BuViHNDGmCq80fvpty/QoggTI8NSt0CuNDGgeoa5f5A=", "RJ0aLMQ2qKbZuROs7qQhcA=="
        ),
    ),
]


@pytest.mark.parametrize(("password", "credential"), KEYCLOAK)
def test_what_keycloak_made_is_verified(password, credential):
    stored = from_keycloak(credential)
    assert schemes.fits(stored, password.encode())
    assert not schemes.fits(stored, f"{password}x".encode())


@pytest.mark.parametrize(
    ("credential", "field"),
    [
        (None, "credentials"),
        ({}, "credentialData"),
        ({"credentialData": "{", "secretData": "{}"}, "credentialData"),
        ({"credentialData": "[" * 100_000, "secretData": "{}"}, "credentialData"),
        ({"credentialData": "{}", "secretData": "7"}, "secretData"),
        (keycloak(pbkdf2("bcrypt"), SHA1), "credentialData.algorithm"),
        (keycloak(pbkdf2(["pbkdf2"]), SHA1), "credentialData.algorithm"),
        (keycloak(pbkdf2("pbkdf2", 0), SHA1), "credentialData.hashIterations"),
        (keycloak(pbkdf2("pbkdf2", True), SHA1), "credentialData.hashIterations"),
        (keycloak(pbkdf2("pbkdf2", 2_000_001), SHA1), "secretData.value"),
        (keycloak(pbkdf2("pbkdf2"), None), "secretData.value"),
        (keycloak(pbkdf2("pbkdf2"), "AAAA"), "secretData.value"),
        (keycloak(pbkdf2("pbkdf2"), SHA1, "***"), "secretData.salt"),
        (keycloak(argon2(version="1.0"), SHA256), "credentialData.additionalParameters.version"),
        (keycloak(argon2(type="x"), SHA256), "credentialData.additionalParameters.type"),
        (keycloak(argon2(memory="8$8"), SHA256), "credentialData.additionalParameters.memory"),
        (keycloak(argon2(memory="131073"), SHA256), "secretData.value"),
        (keycloak(argon2(parallelism="many"), SHA256), "secretData.value"),
        (keycloak({**argon2(), "additionalParameters": None}, SHA256), "credentialData.additionalParameters"),
    ],
)
def test_what_keycloak_cannot_have_made_names_the_member(credential, field):
    with pytest.raises(FieldFault) as refused:
        from_keycloak(credential)
    assert refused.value.field == field


# The JDK's MessageDigest, Mac and SecretKeyFactory, as FusionAuth's pseudocode calls them
FUSIONAUTH_SALT = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
FUSIONAUTH = [
    ("salted-md5", 100, "vshoTOL5eoz3iuvZf3CeZQ=="),
    ("salted-sha256", 100, "mHlS9Ss00gy3Q+zptLAoIQCfKc0UO56iwzFC4Q7gPmc="),
    ("salted-hmac-sha256", None, "xBRNLOTcNnsllaQaf1dJ8TTIWcH10Bwr9Dqj0xq1pno="),
    ("salted-pbkdf2-hmac-sha256", 1000, "QBr9SQaHxOiJM+NMUTvDfMpsRZhwlaIZow22PIopIJc="),
    (
        "salted-pbkdf2-hmac-sha256-512",
        1000,
        "QBr9SQaHxOiJM+NMUTvDfMpsRZhwlaIZow22PIopIJcj8IzJmWVTkZ4Y94vVD5T6KBSpmY+y7WdeDeFfjr7QIQ==",
    ),
    (
        "salted-pbkdf2-hmac-sha512-512",
        1000,
        "Bp66F9L7Kv8CI56b54c61Z9tiyB++L4upbMp0eicOHamkS0B6ADz+DF7GgwcyMcZMKwq7TVCyTesZNEILzDlxA==",
    ),
]


@pytest.mark.parametrize(("scheme", "factor", "value"), FUSIONAUTH)
def test_what_fusionauth_made_is_verified(scheme, factor, value):
    stored = from_fusionauth(scheme, factor, FUSIONAUTH_SALT, value)
    assert schemes.fits(stored, PASSWORD.encode())
    assert not schemes.fits(stored, f"{PASSWORD}x".encode())


def test_bcrypt_of_fusionauth_has_its_salt_beside_it():
    """Openwall's crypt_blowfish 1.3, wrapper.c"""
    stored = from_fusionauth("bcrypt", 5, "CCCCCCCCCCCCCCCCCCCCC.", "E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")
    assert schemes.fits(stored, b"U*U")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        (("rot13", 1, "", ""), "encryptionScheme"),
        ((None, 1, "", ""), "encryptionScheme"),
        (("phpass-md5", 1, "", ""), "encryptionScheme"),
        (("salted-md5", 0, SALT, SALT), "factor"),
        (("salted-md5", "20000", SALT, SALT), "factor"),
        (("salted-md5", 1_000_001, SALT, SALT), "password"),
        (("salted-md5", 1, SALT, SHA1), "password"),
        (("salted-md5", 1, None, SALT), "salt"),
        (("salted-md5", 1, "*", SALT), "salt"),
        (("salted-md5", 1, SALT, None), "password"),
        (("salted-hmac-sha256", None, "", SHA256), "password"),
        (("bcrypt", 16, "C" * 21 + ".", "." * 31), "password"),
        (("bcrypt", 5, "$", "short"), "password"),
    ],
)
def test_what_fusionauth_cannot_have_made_names_the_field(fields, field):
    with pytest.raises(FieldFault) as refused:
        from_fusionauth(*fields)
    assert refused.value.field == field


# Werkzeug 3.1, Django 5.2, passlib 1.7, and Symfony's MessageDigestPasswordHasher in PHP 8.2, as its comments say
CLERK = [
    ("bcrypt", "$2b$04$97hvQU4y3Hr031a0rYpEZujx4e7x/mPHxAL0VGdXEPcPSg6GejHFC"),
    ("argon2id", "$argon2id$v=19$m=64,t=1,p=2$kNKak7JW6n1PKYXw/n9vDQ$AuakLYekrGby3ZqRIm0b0wPxo4tUfkDLpzBBMX6p2dA"),
    ("bcrypt_sha256_django", "bcrypt_sha256$$2b$04$I/fWhNftRVrGTlFGANOBheZlM3kEe4rWu4u/uMndTFliIACiHiCuO"),
    (
        "pbkdf2_sha256_django",
        "pbkdf2_sha256$1000$60bwvBh9vg553zDsbQAPw9$SrhDRDpph2LZ1DtlLuuVbsA6FtcwWdrRAERhG+TVDYQ=",
    ),
    ("pbkdf2_sha256", f"pbkdf2_sha256$1000${SALT}${SHA256}"),
    (
        "pbkdf2_sha512",
        "pbkdf2_sha512$1000$0123456789abcdef$" + bytes.fromhex("3ef6f83cbe6e2ad3a6e2f73ea92b3b05").hex(),
    ),
    ("pbkdf2_sha512_hex", f"pbkdf2_sha512_hex$1000${b'0123456789abcdef'.hex()}$3ef6f83cbe6e2ad3a6e2f73ea92b3b05"),
    ("pbkdf2_sha1", f"pbkdf2_sha1$1000${b'0123456789abcdef'.hex()}$904a40c7d595d028aed883b0688520f05bab2b32$20"),
    ("pbkdf2_sha1", "pbkdf2_sha1$1000$bh0rhD8jAdy2ZnSG$b9eb2759b6bf2ba0ba291fad4d50e732baa2b2e6"),
    ("md5_phpass", "$P$5xb1xCbtjrWO6km9mj5QLfPxucQqE9."),
    ("phpass", "$P$5xb1xCbtjrWO6km9mj5QLfPxucQqE9."),
    ("md5", "2a21eb25aeed73779432adca96b0d031"),
    ("ldap_ssha", "{SSHA}8gAZXqJObqMomncwrm1pPKISXhMshTDG"),
    (
        "sha512_symfony",
        (
            "sha512_symfony$10$b4ch95y3hfk0sskowg4oo0040kcwcow$zFfjKsaraJ6yjJJKognDEpXCsoWN/ssta2b77xafOZs46V6/hywlYucFCVrPdxX9"
            "pOA5Kw0zm+5IwheEjlz3Lg=="
        ),
    ),
]


@pytest.mark.parametrize(("hasher", "digest"), CLERK, ids=[hasher for hasher, _ in CLERK])
def test_what_clerk_keeps_is_verified(hasher, digest):
    stored = from_clerk(hasher, digest)
    assert schemes.fits(stored, PASSWORD.encode())
    assert not schemes.fits(stored, f"{PASSWORD}x".encode())


@pytest.mark.slow
def test_firebase_and_werkzeug_in_clerk_are_verified():
    """https://github.com/firebase/scrypt#password-hashing, and Werkzeug 3.1"""
    key = "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
    value = "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="
    firebase = from_clerk("scrypt_firebase", f"{value}$42xEC+ixf3L2lw==${key}$Bw==$8$14")
    assert schemes.fits(firebase, b"user1password")
    werkzeug = (
        "scrypt:256:8:1$3lmnPMvIiK3JXU2p$a339b9ac7828260b8ae764de02c4d794104aa8c81ae72824ce8def6098cfd4d18828c172f5c877eb"
        "cd5fc3cb59db6dd94341d5a4a4f5162d06d7c5d0b6f44a79"
    )
    for digest in (werkzeug, f"${werkzeug}"):
        assert schemes.fits(from_clerk("scrypt_werkzeug", digest), PASSWORD.encode())


@pytest.mark.parametrize(
    ("hasher", "digest", "reason"),
    [
        ("rot13", "x", "must be one of"),
        (None, "x", "must be one of"),
        ("awscognito", "awscognito#a#b#c", "Cognito"),
        ("bcrypt_peppered", "$2a$", "pepper"),
        ("md5_salted", "salt$" + "a" * 32, "before the password or behind"),
        ("bcrypt", None, "4,096 characters"),
        ("bcrypt", "$2b$16$" + "a" * 52 + ".", "cost above 15"),
        ("bcrypt", "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/", "is no digest of its hasher"),
        ("argon2id", "pbkdf2_sha256$1$a$" + SHA256, "is no digest of its hasher"),
        ("md5", "a" * 40, "16 bytes"),
        ("md5", "{SSHA}", "hex"),
        ("pbkdf2_sha256", "pbkdf2_sha256$1000$salt", "is no digest of its hasher"),
        ("pbkdf2_sha512", f"pbkdf2_sha512$9999999$salt${'ab' * 64}", "2,000,000 iterations"),
        ("scrypt_firebase", "a$b$c", "is no digest of its hasher"),
        ("sha512_symfony", "sha512_symfony$1000001$salt$" + SHA512, "1,000,000 digests"),
    ],
)
def test_what_clerk_cannot_bring_is_refused_with_the_reason(hasher, digest, reason):
    with pytest.raises(FieldFault) as refused:
        from_clerk(hasher, digest)
    assert refused.value.field in ("password_hasher", "password_digest")
    assert reason in refused.value.reason


@pytest.mark.slow
@given(st.sampled_from(CLERK), st.data())
def test_no_digest_crashes_the_conversion_from_clerk(kept, data):
    hasher, digest = kept
    place = data.draw(st.integers(0, len(digest) - 1))
    damaged = digest[:place] + data.draw(st.text("$=,:{}!*aZ09/.+-é", max_size=4)) + digest[place + 1 :]
    with contextlib.suppress(FieldFault):
        schemes.check(from_clerk(hasher, damaged))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.dictionaries(
        st.sampled_from(["memory", "type", "version", "parallelism"]), inner | st.lists(inner)
    ),
    max_leaves=6,
)


@pytest.mark.slow
@given(st.sampled_from(["pbkdf2", "argon2"]), JSON, JSON, JSON)
def test_no_credential_crashes_the_conversion_from_keycloak(algorithm, iterations, parameters, secret):
    data = {"algorithm": algorithm, "hashIterations": iterations, "additionalParameters": parameters}
    with contextlib.suppress(FieldFault):
        from_keycloak({"credentialData": json.dumps(data), "secretData": secret})
