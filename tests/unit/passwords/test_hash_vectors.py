"""Passwords and hashes that others have published, by their sources: what they made, we verify."""

from __future__ import annotations

import hashlib

import pytest

from chalicelib.passwords import schemes
from chalicelib.passwords.schemes import md4, phc

LONG = "a very much longer text to encrypt.  This one even stretches over morethan one line."
SHORT_SALT = "we have a short salt string but not a short password"


def of(kind: str, parameters: dict[str, str], salt: bytes, digest: str) -> str:
    """The text of what a source gives in hex."""
    return str(phc.Phc(kind, parameters, salt, bytes.fromhex(digest)))


# https://github.com/P-H-C/phc-winner-argon2/blob/master/src/test.c
ARGON2_REFERENCE = [
    ("password", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"),
    ("password", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"),
    ("password", "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA"),
]
# https://github.com/go-crypt/crypt, the hashes that passlib made for its tests
ARGON2_PASSLIB = [
    (
        "apple123",
        "$argon2d$v=19$m=65536,t=4,p=4$PUfIWctZa611rpXSOicEAA$eUtgGpyO1+ylLPGhN8gvRXBXF+Zd97kQIZA7OgX4VIM",
    ),
    (
        "another",
        "$argon2d$v=19$m=65536,t=4,p=4$j5GyNoaQsvYeA8D4Pyek9A$O1LC/BW/nF2/PkgSR2/O62q5ERTXxvIVvBFgeN4REUw",
    ),
]
# Openwall's crypt_blowfish 1.3, wrapper.c
BCRYPT = [
    ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    ("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"),
    ("U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
    ("U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXXAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),  # the salt with stray bits
    ("", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"),
    ("U*U", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    ("U*U", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    (
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored",
        "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
    ),
]
# RFC 7914, section 12
SCRYPT = [
    (
        "password",
        of(
            "scrypt",
            {"ln": "10", "r": "8", "p": "16"},
            b"NaCl",
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
            "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",
        ),
    ),
    (
        "pleaseletmein",
        of(
            "scrypt",
            {"ln": "14", "r": "8", "p": "1"},
            b"SodiumChloride",
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
            "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887",
        ),
    ),
    (
        "",
        of(
            "scrypt",
            {"ln": "4", "r": "1", "p": "1"},
            b"",
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
            "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906",
        ),
    ),
]
# RFC 6070, and RFC 7914, section 11
PBKDF2 = [
    ("password", of("pbkdf2-sha1", {"i": "1"}, b"salt", "0c60c80f961f0e71f3a9b524af6012062fe037a6")),
    ("password", of("pbkdf2-sha1", {"i": "4096"}, b"salt", "4b007901b765489abead49d926f721d065a429c1")),
    (
        "passwordPASSWORDpassword",
        of(
            "pbkdf2-sha1",
            {"i": "4096", "l": "25"},
            b"saltSALTsaltSALTsaltSALTsaltSALTsalt",
            "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038",
        ),
    ),
    (
        "passwd",
        of(
            "pbkdf2-sha256",
            {"i": "1"},
            b"salt",
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
            "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783",
        ),
    ),
    (
        "Password",
        of(
            "pbkdf2-sha256",
            {"i": "80000", "l": "64"},
            b"NaCl",
            "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
            "a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d",
        ),
    ),
]
# https://www.akkadia.org/drepper/SHA-crypt.txt
SHA_CRYPT = [
    ("Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
    ("Hello world!", "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA"),
    ("This is just a test", "$5$rounds=5000$toolongsaltstrin$Un/5jzAHMgOGZ5.mWJpuVolil07guHPvOW8mGRcvxa5"),
    (LONG, "$5$rounds=1400$anotherlongsalts$Rx.j8H.h8HjEDGomFU8bDkXm3XIUnzyxf12oP84Bnq1"),
    (SHORT_SALT, "$5$rounds=77777$short$JiO1O3ZpDAxGJeaDIuqCoEFysAe1mZNJRs3pw0KQRd/"),
    ("a short string", "$5$rounds=123456$asaltof16chars..$gP3VQ/6X7UUEW3HkBn2w1/Ptq2jxPyzV/cZKmF/wJvD"),
    (
        "the minimum number is still observed",
        "$5$rounds=1000$roundstoolow$yfvwcWrQ8l/K0DAWyuPMDNHpIVlTQebY9l/gL972bIC",
    ),
    (
        "Hello world!",
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
    ),
    (
        "Hello world!",
        (
            "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/"
            "y3RnOaw5v."
        ),
    ),
    (
        "This is just a test",
        (
            "$6$rounds=5000$toolongsaltstrin$lQ8jolhgVRVhY4b5pZKaysCLi0QBxGoNeKQzQ3glMhwllF7oGDZxUhx1yxdYcz/e1JSbq3y6JMxxl8au"
            "dkUEm0"
        ),
    ),
    (
        LONG,
        (
            "$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd"
            "8p4ur1"
        ),
    ),
    (
        SHORT_SALT,
        "$6$rounds=77777$short$WuQyW2YR.hBNpjjRhpYD/ifIw05xdfeEyQoMxIXbkvr0gge1a1x3yRULJ5CCaUeOxFmtlcGZelFl5CxtgfiAc0",
    ),
    (
        "a short string",
        (
            "$6$rounds=123456$asaltof16chars..$BtCwjqMJGx5hrJhZywWvt0RLE8uZ4oPwcelCjmw2kSYu.Ec6ycULevoBK25fs2xXgMNrCzIMVcgEJAst"
            "Jeonj1"
        ),
    ),
    (
        "the minimum number is still observed",
        "$6$rounds=1000$roundstoolow$kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTfF4ZEQpyUNGc0dqbpBYYBaHHrsX.",
    ),
]
# FreeBSD's lib/libcrypt/tests, then `openssl passwd -1`
MD5_CRYPT = [
    ("0.s0.l33t", "$1$deadbeef$0Huu6KHrKLVWfqa4WljDE0"),
    ("password", "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/"),
    ("a much longer password, over sixteen bytes", "$1$12345678$PP/c4Kc.7EWyWL2a.RRb51"),
    ("", "$1$$qRPK7m23GJusamGpoGLby/"),
]
# [MS-NLMP], section 4.2.2.1.2: NTOWFv1 of a password
NT = [("Password", of("md4", {"pe": "utf16le"}, b"", "a4f49c406510bdcab6824ee7c30fd852"))]
# RFC 2202, section 2, and RFC 4231, section 4.3: HMAC of a text under the key "Jefe"
JEFE = "what do ya want for nothing?"
KEY = {"key": phc.encoded(b"Jefe")}
HMAC = [
    (JEFE, of("hmac-md5", KEY, b"", "750c783e6ab0b503eaa86e310a5db738")),
    (JEFE, of("hmac-sha1", KEY, b"", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")),
    (JEFE, of("hmac-sha224", KEY, b"", "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44")),
    (JEFE, of("hmac-sha256", KEY, b"", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")),
]
# https://github.com/ory/kratos/blob/master/hash/hasher_test.go, and passlib's tests (test_handlers.py) for MD5 and SHA
LDAP = [
    ("test123", "{SSHA}JFZFs0oHzxbMwkSJmYVeI8MnTDy/276a"),
    ("test123", "{SSHA256}czO44OTV17PcF1cRxWrLZLy9xHd7CWyVYplr1rOhuMlx/7IK"),
    (
        "test123",
        "{SSHA512}xPUl/px+1cG55rUH4rzcwxdOIPSB2TingLpiJJumN2xyDWN4Ix1WQG3ihnvHaWUE8MYNkvMi5rf0C9NYixHsE6Yh59M=",
    ),
    ("helloworld", "{SHA}at+xg6SiyUovktq1redipHiJpaE="),
    ("testing1234", "{SMD5}UjFY34os/pnZQ3oQOzjqGu4yeXE="),
    ("test", "{SMD5}FbAkzOMOxRbMp6Nn4hnZuel9j9Gas7a2lvI+x5hT6j0="),
]

VECTORS = [
    *ARGON2_REFERENCE,
    *ARGON2_PASSLIB,
    *BCRYPT,
    *SCRYPT,
    *PBKDF2,
    *SHA_CRYPT,
    *MD5_CRYPT,
    *NT,
    *HMAC,
    *LDAP,
]


@pytest.mark.slow
@pytest.mark.parametrize(("password", "stored"), VECTORS)
def test_a_published_password_fits_its_hash_and_no_other_does(password, stored):
    assert schemes.fits(stored, password.encode())
    other = password[:-1] + ("x" if password[-1:] != "x" else "y")
    if len(password) <= 72:
        assert not schemes.fits(stored, other.encode())


# RFC 1320, section A.5
MD4 = {
    "": "31d6cfe0d16ae931b73c59d7e0c089c0",
    "a": "bde52cb31de33e46245e05fbdbd6fb24",
    "abc": "a448017aaf21d8525fc10ae87aa6729d",
    "message digest": "d9130a8164549fe818874806e1c7014b",
    "abcdefghijklmnopqrstuvwxyz": "d79e1c308aa5bbcdeea8ed63df412da9",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789": "043f8582f241db351ce627e153e7f0e4",
    "1234567890" * 8: "e33b4ddc9c38f2199c3e7b164fcc0536",
}


@pytest.mark.parametrize(("text", "digest"), MD4.items())
def test_md4(text, digest):
    assert md4.digest(text.encode()).hex() == digest


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"])
@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{SALT}{PASSWORD}", "salt-secret"),
        ("{PASSWORD}{SALT}", "secretsalt-"),
        ("a{PASSWORD}$${SALT}{SALT}", "asecret$$salt-salt-"),
        ("{PASSWORD}", "secret"),
    ],
)
def test_a_template_puts_salt_and_password_together(algorithm, template, text):
    parameters = {"pf": phc.encoded(template.encode())}
    stored = of(algorithm, parameters, b"salt-", hashlib.new(algorithm, text.encode()).hexdigest())
    assert schemes.fits(stored, b"secret")
    assert not schemes.fits(stored, b"secreT")


def test_what_a_password_puts_into_a_template_is_no_place_of_its_own():
    stored = of("sha256", {}, b"", hashlib.sha256(b"{SALT}{PASSWORD}").hexdigest())
    assert schemes.fits(stored, b"{SALT}{PASSWORD}")


@pytest.mark.parametrize(("name", "codec"), [("utf16le", "utf-16-le"), ("latin1", "latin-1")])
def test_a_password_may_have_been_hashed_in_another_encoding(name, codec):
    stored = of("sha1", {"pe": name}, b"", hashlib.sha1("Grüße".encode(codec)).hexdigest())
    assert schemes.fits(stored, "Grüße".encode())
    assert not schemes.fits(stored, "Grüsse".encode())
    assert not schemes.fits(stored, "\N{SNOWMAN}".encode())
