"""Hashes as other systems write them: what they made, we verify; what cannot be taken over names its field."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.passwords import schemes
from chalicelib.passwords.foreign import (
    FieldFault,
    Project,
    from_auth0,
    from_cognito,
    from_firebase,
    from_kratos,
)

PF = "e1NBTFR9e1BBU1NXT1JEfQ=="
HMAC_SHA1 = "$hmac-sha1$NDMyNjcxZTUyY2Y2YTBmYjZjZDE2NjQxYjAwNjFiZjAwOGEzNWM5MA==$MTIzNDU="

# https://github.com/ory/kratos/blob/master/hash/hasher_test.go
KRATOS = [
    ("test", "$2a$12$o6hx.Wog/wvFSkT/Bp/6DOxCtLRTDj7lm9on9suF/WaCGNVHbkfL6"),
    ("test", "$argon2id$v=19$m=32,t=2,p=4$cm94YnRVOW5jZzFzcVE4bQ$MNzk5BtR2vUhrp6qQEjRNw"),
    ("test", "$argon2i$v=19$m=65536,t=3,p=4$kk51rW/vxIVCYn+EG4kTSg$NyT88uraJ6im6dyha/M5jhXvpqlEdlS/9fEm7ScMb8c"),
    (
        "test",
        (
            "$pbkdf2-sha256$i=100000,l=32$1jP+5Zxpxgtee/iPxGgOz0RfE9/KJuDElP1ley4VxXc$QJxzfvdbHYBpydCbHoFg3GJEqMFULwskiuqiJcto"
            "YpI"
        ),
    ),
    (
        "test",
        (
            "$pbkdf2-sha512$i=100000,l=32$bdHBpn7OWOivJMVJypy2UqR0UnaD5prQXRZevj/05YU$+wArTfv1a+bNGO1iZrmEdVjhA+lL11wF4/IxpgYf"
            "Pwc"
        ),
    ),
    # golang.org/x/crypto's pbkdf2 with sha3.New224 and sha3.New384, as hash/hasher_pbkdf2.go calls them
    ("test", "$pbkdf2-sha224$i=1000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$LBzvo6vj6BuV6e0whshfUXW7mHAnCwq22hXq0ehvGog"),
    ("test", "$pbkdf2-sha384$i=1000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$trIkdTVbW64dahJWfHj59qnYmkCeHrwZiIEZ7zPGaHU"),
    (
        "test",
        "$scrypt$ln=16384,r=8,p=1$2npRo7P03Mt8keSoMbyD/tKFWyUzjiQf2svUaNDSrhA=$MiCzNcIplSMqSBrm4HckjYqYhaVPPjTARTzwB1cVNYE=",
    ),
    (
        "8x4WjoDbSxJZdR",
        (
            "$firescrypt$ln=14,r=8,p=1$sPtDhWcd1MfdAw==$xbSou7FOl6mChCyzpCPIQ7tku7nsQMTFtyOZSXXd7tjBa4NtimOx7v42Gv2SfzPQu1oxM2"
            "/k4SsbOu73wlKe1A==$Bw==$YE0dO4bwD4JnJafh6lZZfkp1MtKzuKAXQcDCJNJNyeCHairWHKENOkbh3dzwaCdizzOspwr/FITUVlnOAwPKyw=="
        ),
    ),
    ("test123", "{SSHA}JFZFs0oHzxbMwkSJmYVeI8MnTDy/276a"),
    ("test", f"$sha1$pf={PF}$NW9wbWtnejAzcg==$2qU2SGWP8viTM1md3FiI3+rjWXQ="),
    ("BwS^514g^cv@Z", f"$sha1$pf={PF}$NW9wbWtnejAzcg==$99h9net4BXl7qdTRaiGUobLROxM="),
    (
        "test",
        "$sha1$pf=Pz9zdGF0aWNQcmVmaXg/P3tTQUxUfXtQQVNTV09SRH0=$NW9wbWtnejAzcg==$SAAxMUn7jxckQXkBmsVF0nHwqso=",
    ),
    ("test", "$sha1$pf=JHtQQVNTV09SRH0ke1NBTFR9JA==$NW9wbWtnejAzcg==$iE5n1yjX3oAdxRHwZ4u57I4LpQo="),
    ("test", "$sha256$pf=e1NBTFR9JCR7UEFTU1dPUkR9$NW9wbWtnejAzcg==$HokCOi9OtiZaZRvnkgemV3B4UUHpI7kA8zq/EZWH2NY="),
    (
        "test",
        (
            f"$sha512$pf={PF}$NW9wbWtnejAzcg==$6ctpVuApMNp0CgBXcdHw/GC562eFEFGr4gpgANX8ZYsX+j5B19IkdmOY2Fytsz3QUwSWdGcUjbqwgJG"
            "TH0UYvw=="
        ),
    ),
    ("test", "$md5$CY9rzUYh03PK3k6DJie09g=="),
    ("test", f"$md5$pf={PF}$MTIz$q+RdKCgc+ipCAcm5ChQwlQ=="),
    ("ory", "$md5$pf=e1BBU1NXT1JEfXtTQUxUfSQ/$MTIzNDU2Nzg5$8PhwWanVRnpJAFK4NUjR0w=="),
    ("test", "$md5-crypt$TVEiiKNb$SN6/pUaRQS/E8Jh46As2C/"),
    ("test", "$md5-crypt$$whuMjZj.HMFoaTaZRRtkO0"),
    ("test", "$sha256-crypt$rounds=535000$05R.9KB6UC2kLI3w$Q/zslzx./JjkAVPTwp6th7nW5l7JU91Gte/UmIh.U78"),
    (
        "ory",
        (
            "$sha512-crypt$rounds=656000$0baQbxBrfpKqvizk$Q9cYk1MeNAlECPgpG3jjfNI2DumLqd0yHbxzLdxiX6nsSD5i9n0awcbiCf8R5DzpIYxe"
            "BPznPcb1wtzlgUKtH0"
        ),
    ),
    ("test", "$hmac-md4$MWQ5ZTI4Nzc2Zjg4YmE2MTQ5YjQ0OTMyOGE4NWU4YjA=$MTIzNDU="),
    ("test", "$hmac-md5$ZmU4Njk3Zjc0MmQwODA0MDVkMTI3MGU2MTYzMzE2Zjk=$MTIzNDU="),
    ("test", HMAC_SHA1),
    (
        "test",
        "$hmac-sha256$ZTAzMWJhMWMyOTM4YjFkMjgzZjkxOWExZGY5YWM2NmMxOTJhN2RkNzQ0MzJkNWZkNGFkYTI5OTk0MWJhMTA5Zg==$MTIzNDU=",
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("password", "written"), KRATOS, ids=[written[:20] for _, written in KRATOS])
def test_what_kratos_made_is_verified(password, written):
    stored = from_kratos(written)
    assert schemes.fits(stored, password.encode())
    assert not schemes.fits(stored, f"{password}x".encode())


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("$unknown$12$o6hx", "unsupported"),
        ("plain", "unsupported"),
        ("$2a$16$GRvRO2nrpYTEuPQX6AieaOlZ4.7nMGsXpt.QWMev1zrP86JNspZbO", "cost above 15"),
        ("$scrypt$ln=16385,r=8,p=1$2npRo7P0$MiCzNcIplSMqSBrm4HckjQ==", "power of two"),
        ("$scrypt$ln=14,r=8,p=1$2npRo7P0$MiCzNcIplSMqSBrm4HckjQ==", "power of two"),
        ("$scrypt$ln=abc,r=8,p=1$2npRo7P0$MiCzNcIplSMqSBrm4HckjQ==", "power of two"),
        ("$scrypt$ln=1048576,r=8,p=1$2npRo7P0$MiCzNcIplSMqSBrm4HckjQ==", "128 MiB"),
        ("$scrypt$2npRo7P0$MiCzNcIplSMqSBrm4HckjQ==", "4 parts"),
        ("$scrypt$ln=16384,r=8,p=1$(2npRo7P0$MiCzNcIplSMqSBrm4HckjQ==", "base64"),
        ("$firescrypt$ln=14,r=8,p=1$sPs=$xbSou7FOl6mChCyzpCPIQw==$Bw==$YE0dO4bw", "signer key"),
        ("$sha1$pf=$NW9wbWtnejAzcg==$2qU2SGWP8viTM1md3FiI3+rjWXQ=", "{PASSWORD}"),
        ("$sha1$$NW9wbWtnejAzcg==$2qU2SGWP8viTM1md3FiI3+rjWXQ=", "has"),
        ("$sha1$2qU2SGWP8viTM1md3FiI3+rjWXQ=", "4 parts"),
        ("$md5$$", "4 parts"),
        ("$hmac-md5$ZmU4Njk3Zjc0MmQwODA0MDVkMTI3MGU2MTYzMzE2Zjk=", "3 parts"),
        ("$hmac-md5$ZmU4Njk3Zjc0MmQwODA0MDVkMTI3MGU2MTYzMzE2Zjk=$", "key="),
        ("$hmac-md5$MTIzNDU=$MTIzNDU=", "hex"),
        ("$hmac-invalid$ZmU4Njk=$MTIzNDU=", "unsupported"),
        ("{SSHAnotExistent}xPUl", "unsupported"),
        ("$" * 5000, "4,096"),
        (7, "must be"),
        (None, "must be"),
    ],
)
def test_what_kratos_cannot_have_made_names_the_field(written, reason):
    with pytest.raises(FieldFault) as refused:
        from_kratos(written)
    assert refused.value.field == "hashed_password"
    assert reason in refused.value.reason


# https://github.com/firebase/scrypt#password-hashing
SIGNER_KEY = "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
PROJECT = Project(base64.b64decode(SIGNER_KEY), base64.b64decode("Bw=="), rounds=8, memory_cost=14)
FIREBASE_SALT = "42xEC+ixf3L2lw=="
FIREBASE_HASH = "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="
WEB_SAFE = str.maketrans("+/", "-_")


@pytest.mark.slow
@pytest.mark.parametrize("alphabet", [{}, WEB_SAFE], ids=["usual", "web-safe"])
def test_what_firebase_made_is_verified_without_its_signer_key(alphabet):
    stored = from_firebase(FIREBASE_HASH.translate(alphabet), FIREBASE_SALT.translate(alphabet), PROJECT)
    assert schemes.fits(stored, b"user1password")
    assert not schemes.fits(stored, b"user1passwore")
    assert schemes.kind(stored) == "firescrypt"
    assert SIGNER_KEY[:-2] not in stored
    assert FIREBASE_HASH[:-2] not in stored


@pytest.mark.parametrize(
    ("password_hash", "salt", "field"),
    [
        (None, FIREBASE_SALT, "passwordHash"),
        ("***", FIREBASE_SALT, "passwordHash"),
        (FIREBASE_HASH[:-4], FIREBASE_SALT, "passwordHash"),
        (FIREBASE_HASH, 7, "salt"),
        (FIREBASE_HASH, "*", "salt"),
        (FIREBASE_HASH, "A" * 2000, "salt"),
        (FIREBASE_HASH, "A" * 1366, "passwordHash"),
    ],
)
def test_what_firebase_cannot_have_made_names_the_field(password_hash, salt, field):
    with pytest.raises(FieldFault) as refused:
        from_firebase(password_hash, salt, PROJECT)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"signer_key": b"short"}, "signer_key"),
        ({"rounds": 0}, "rounds"),
        ({"rounds": 9}, "rounds"),
        ({"memory_cost": 0}, "memory_cost"),
        ({"memory_cost": 15}, "memory_cost"),
    ],
)
def test_a_project_has_only_parameters_that_firebase_gives(change, field):
    usual = {"signer_key": b"k" * 64, "salt_separator": b"", "rounds": 8, "memory_cost": 14}
    with pytest.raises(FieldFault) as refused:
        Project(**{**usual, **change})
    assert refused.value.field == field


BCRYPT = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
ARGON2ID = "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"
PBKDF2 = "$pbkdf2-sha256$i=1000,l=32${salt}${digest}".format(
    salt=base64.b64encode(b"salt-of-16-bytes").decode(),
    digest=base64.b64encode(hashlib.pbkdf2_hmac("sha256", b"password", b"salt-of-16-bytes", 1000)).decode(),
)


@pytest.mark.parametrize(
    ("written", "algorithm", "password"),
    [
        (BCRYPT, "BCRYPT", "U*U"),
        (BCRYPT, None, "U*U"),
        (ARGON2ID, "ARGON2ID", "password"),
        (PBKDF2, "PBKDF2_SHA256", "password"),
    ],
)
def test_what_is_made_for_cognito_is_verified(written, algorithm, password):
    assert schemes.fits(from_cognito(written, algorithm), password.encode())


@pytest.mark.parametrize(
    ("written", "algorithm", "field"),
    [
        (BCRYPT, "ARGON2ID", "cognito:password_hash"),
        (BCRYPT, "MD5", "PasswordHashingAlgorithm"),
        ("$1$$qRPK7m23GJusamGpoGLby/", None, "cognito:password_hash"),
        ("", None, "cognito:password_hash"),
    ],
)
def test_what_cognito_does_not_take_names_the_field(written, algorithm, field):
    with pytest.raises(FieldFault) as refused:
        from_cognito(written, algorithm)
    assert refused.value.field == field


SECRET = "Grüße aus Köln"


def digest_of(text: bytes, algorithm: str = "sha256", encoding: str = "hex") -> dict[str, str]:
    raw = hashlib.new(algorithm, text).digest()
    return {"value": raw.hex() if encoding == "hex" else base64.b64encode(raw).decode(), "encoding": encoding}


def pbkdf2_of(parameters: str, iterations: int) -> str:
    salt, digest = (
        b"0123456789abcdef",
        hashlib.pbkdf2_hmac("sha512", SECRET.encode(), b"0123456789abcdef", iterations),
    )
    encoded = [base64.b64encode(value).decode().rstrip("=") for value in (salt, digest)]
    return "$".join(["", "pbkdf2-sha512", *([parameters] if parameters else []), *encoded])


def mac_of(digest: str, text: bytes) -> str:
    return hmac.new(b"the key", text, digest).hexdigest()


AUTH0 = {
    "argon2": {"algorithm": "argon2", "hash": {"value": "ARGON2", "encoding": "utf8"}},
    "bcrypt": {"algorithm": "bcrypt", "hash": {"value": "BCRYPT"}},
    "ldap": {
        "algorithm": "ldap",
        "hash": {
            "value": "{SSHA}" + base64.b64encode(hashlib.sha1(SECRET.encode() + b"s").digest() + b"s").decode(),
            "encoding": "utf8",
        },
    },
    "md5": {"algorithm": "md5", "hash": digest_of(SECRET.encode(), "md5")},
    "sha1": {"algorithm": "sha1", "hash": digest_of(SECRET.encode(), "sha1", "base64")},
    "sha256, salt before": {
        "algorithm": "sha256",
        "hash": digest_of(b"s-" + SECRET.encode()),
        "salt": {"value": "s-", "position": "prefix"},
    },
    "sha256, salt before by default": {
        "algorithm": "sha256",
        "hash": digest_of(b"s-" + SECRET.encode()),
        "salt": {"value": "s-", "encoding": "utf8"},
    },
    "sha512, salt behind, in hex": {
        "algorithm": "sha512",
        "hash": digest_of(SECRET.encode() + b"\x01\xff", "sha512"),
        "salt": {"value": "01FF", "encoding": "hex", "position": "suffix"},
    },
    "sha256, salt behind, in base64, of UTF-16": {
        "algorithm": "sha256",
        "hash": digest_of(SECRET.encode("utf-16-le") + b"\x01\xff", encoding="base64"),
        "salt": {"value": "Af8=", "encoding": "base64", "position": "suffix"},
        "password": {"encoding": "utf16le"},
    },
    "sha1, of Latin 1": {
        "algorithm": "sha1",
        "hash": digest_of(SECRET.encode("latin-1"), "sha1"),
        "password": {"encoding": "latin1"},
    },
    "hmac": {
        "algorithm": "hmac",
        "hash": {
            "value": mac_of("sha256", SECRET.encode()),
            "encoding": "hex",
            "digest": "sha256",
            "key": {"value": "the key", "encoding": "utf8"},
        },
    },
    "hmac, salt behind, of UTF-16": {
        "algorithm": "hmac",
        "hash": {
            "value": mac_of("sha1", SECRET.encode("utf-16-le") + b"s"),
            "encoding": "hex",
            "digest": "sha1",
            "key": {"value": b"the key".hex(), "encoding": "hex"},
        },
        "salt": {"value": "s", "position": "suffix"},
        "password": {"encoding": "utf16le"},
    },
    "pbkdf2": {"algorithm": "pbkdf2", "hash": {"value": pbkdf2_of("i=1000,l=64", 1000), "encoding": "utf8"}},
    "pbkdf2, iterations unsaid": {"algorithm": "pbkdf2", "hash": {"value": pbkdf2_of("", 100_000)}},
    "pbkdf2, iterations unsaid beside the length": {
        "algorithm": "pbkdf2",
        "hash": {"value": pbkdf2_of("l=64", 100_000)},
    },
    "scrypt": {
        "algorithm": "scrypt",
        "hash": {
            "value": hashlib.scrypt(SECRET.encode(), salt=b"s", n=1024, r=4, p=2, dklen=32).hex(),
            "encoding": "hex",
        },
        "salt": {"value": "s"},
        "keylen": 32,
        "cost": 1024,
        "blockSize": 4,
        "parallelization": 2,
    },
    "scrypt by default": {
        "algorithm": "scrypt",
        "hash": {
            "value": hashlib.scrypt(SECRET.encode(), salt=b"s", n=16384, r=8, p=1, dklen=64).hex(),
            "encoding": "hex",
        },
        "salt": {"value": "cw==", "encoding": "base64"},
    },
}


@pytest.fixture(scope="module")
def made():
    import argon2
    import bcrypt

    return {
        "BCRYPT": bcrypt.hashpw(SECRET.encode(), bcrypt.gensalt(4)).decode(),
        "ARGON2": argon2.PasswordHasher(1, 64, 1).hash(SECRET),
    }


@pytest.mark.slow
@pytest.mark.parametrize("custom", AUTH0.values(), ids=AUTH0)
def test_what_auth0_takes_is_verified(custom, made):
    written = {
        **custom,
        "hash": {**custom["hash"], "value": made.get(custom["hash"]["value"], custom["hash"]["value"])},
    }
    stored = from_auth0(written)
    assert schemes.fits(stored, SECRET.encode())
    assert not schemes.fits(stored, f"{SECRET}x".encode())


def test_the_nt_hash_of_windows_is_md4_of_utf_16():
    custom = {
        "algorithm": "md4",
        "hash": {"value": "a4f49c406510bdcab6824ee7c30fd852", "encoding": "hex"},
        "password": {"encoding": "utf16le"},
    }
    assert schemes.fits(from_auth0(custom), b"Password")


def changed(custom: str, **members: object) -> dict[str, object]:
    return {**AUTH0[custom], **members}


@pytest.mark.parametrize(
    ("custom", "field"),
    [
        (None, ""),
        ("$2b$", ""),
        ({}, ".algorithm"),
        ({"algorithm": "rot13"}, ".algorithm"),
        ({"algorithm": ["md5"]}, ".algorithm"),
        ({"algorithm": "md5"}, ".hash"),
        ({"algorithm": "md5", "hash": {}}, ".hash.value"),
        ({"algorithm": "md5", "hash": {"value": "aa"}}, ".hash.encoding"),
        ({"algorithm": "md5", "hash": {"value": "xx", "encoding": "hex"}}, ".hash.value"),
        ({"algorithm": "md5", "hash": {"value": "*", "encoding": "base64"}}, ".hash.value"),
        ({"algorithm": "md5", "hash": {"value": "aa", "encoding": "hex"}}, ".hash.value"),
        ({"algorithm": "bcrypt", "hash": {"value": 7}}, ".hash.value"),
        ({"algorithm": "bcrypt", "hash": {"value": ARGON2ID}}, ".hash.value"),
        (
            {"algorithm": "argon2", "hash": {"value": ARGON2ID.replace("m=256", "m=999999")}},
            ".hash.value",
        ),
        ({"algorithm": "argon2", "hash": {"value": ARGON2ID}, "salt": {"value": "s"}}, ".salt"),
        (
            {"algorithm": "argon2", "hash": {"value": ARGON2ID}, "password": {"encoding": "utf16le"}},
            ".password.encoding",
        ),
        (changed("md5", password={"encoding": "ascii"}), ".password.encoding"),
        (changed("md5", password={"encoding": 7}), ".password.encoding"),
        (changed("md5", password="utf8"), ".password"),
        (changed("md5", salt="s"), ".salt"),
        (changed("md5", salt={"value": 7}), ".salt.value"),
        (changed("md5", salt={"value": "\ud800"}), ".salt.value"),
        (changed("md5", salt={"value": "s", "encoding": "rot13"}), ".salt.encoding"),
        (changed("md5", salt={"value": "s", "position": "middle"}), ".salt.position"),
        (changed("hmac", hash={**AUTH0["hmac"]["hash"], "digest": "whirlpool"}), ".hash.digest"),
        (changed("hmac", hash={**AUTH0["hmac"]["hash"], "key": None}), ".hash.key"),
        (changed("hmac", hash={**AUTH0["hmac"]["hash"], "key": {"value": ""}}), ".hash.value"),
        (changed("scrypt", salt=None), ".salt"),
        (changed("scrypt", cost=1000), ".cost"),
        (changed("scrypt", cost="1024"), ".cost"),
        (changed("scrypt", cost=2**40), ".cost"),
        (changed("scrypt", blockSize=0), ".blockSize"),
        (changed("scrypt", parallelization=True), ".parallelization"),
        (changed("scrypt", parallelization=17), ".hash.value"),
        (changed("scrypt", keylen=64), ".keylen"),
    ],
)
def test_what_auth0_does_not_take_names_the_member(custom, field):
    with pytest.raises(FieldFault) as refused:
        from_auth0(custom)
    assert refused.value.field == f"custom_password_hash{field}"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.sampled_from(["hex", "base64", "utf8", "aa"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "encoding", "position", "key", "digest"]), inner, max_size=4)
    ),
    max_leaves=8,
)
MEMBERS = ["hash", "salt", "password", "cost", "blockSize", "parallelization", "keylen"]


@pytest.mark.slow
@given(st.sampled_from(["argon2", "hmac", "ldap", "md4", "sha1", "pbkdf2", "scrypt", "x"]), st.data())
def test_no_json_crashes_the_conversion_from_auth0(algorithm, data):
    custom = data.draw(st.dictionaries(st.sampled_from(MEMBERS), JSON))
    with contextlib.suppress(FieldFault):
        schemes.check(from_auth0({"algorithm": algorithm, **custom}))


@given(st.sampled_from([written for _, written in KRATOS]), st.data())
def test_no_text_crashes_the_conversion_from_kratos(written, data):
    place = data.draw(st.integers(0, len(written) - 1))
    damaged = written[:place] + data.draw(st.text("$=,{}*aZ9/.+-é", max_size=4)) + written[place + 1 :]
    with contextlib.suppress(FieldFault):
        schemes.check(from_kratos(damaged))


def test_no_reason_quotes_what_was_written():
    for written in ("$scrypt$ln=SeCrEt,r=8,p=1$a$b", "SeCrEt", "$hmac-sha1$SeCrEt$SeCrEt"):
        with pytest.raises(FieldFault) as refused:
            from_kratos(written)
        assert "SeCrEt" not in str(refused.value)
