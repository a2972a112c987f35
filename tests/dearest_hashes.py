"""The dearest hash of each kind that is accepted: at every limit at once."""

LONGEST_PASSWORD = "\N{PILE OF POO}" * 1024
"""As long as a request may bring one: 4 KiB."""
LONGEST_OF_CRYPT = "x" * 256
"""What is longer fits no hash of crypt(3), and is not hashed."""

_SALT, _DIGEST = "A" * 22, "A" * 43
_LONG = "A" * 1366
"""1 KiB, the longest salt or digest."""

DEAREST = {
    "argon2id": f"$argon2id$v=19$m=131072,t=5,p=64${_LONG}${_LONG}",
    "argon2i": f"$argon2i$v=19$m=131072,t=5,p=64${_LONG}${_LONG}",
    "argon2d": f"$argon2d$v=19$m=131072,t=5,p=64${_LONG}${_LONG}",
    "bcrypt": "$2b$15$" + "." * 53,
    "bcrypt-digest": "$bcrypt-hmac-sha256$2b$15$" + "." * 53,
    "scrypt": f"$scrypt$ln=17,r=8,p=8${_LONG}${_LONG}",
    "scrypt-nfkc": f"$scrypt-nfkc$ln=17,r=8,p=8${_LONG}${_LONG}",
    "firescrypt": f"$firescrypt$ln=17,r=8,p=8${_LONG}${_LONG}",
    "pbkdf2": f"$pbkdf2-sha3-384$i=2000000${_LONG}${_LONG}",
    "sha256-crypt": f"$5$rounds=1000000${'s' * 16}${'.' * 43}",
    "sha512-crypt": f"$6$rounds=1000000${'s' * 16}${'.' * 86}",
    "iterated": "$iterated-sha512$i=1000000,tail=text$" + "A" * 171 + f"${'A' * 86}",
    "md5-crypt": f"$1${'s' * 8}${'.' * 22}",
    "md4": f"$md4$pe=utf16le,pf={'e1BBU1NXT1JEfXtQQVNTV09SRH17UEFTU1dPUkR9e1BBU1NXT1JEfQ'}$${'A' * 22}",
    "md5": f"$md5$${'A' * 22}",
    "sha1": f"$sha1$${'A' * 27}",
    "sha224": f"$sha224$${'A' * 38}",
    "sha256": f"$sha256$${_DIGEST}",
    "sha384": f"$sha384$${'A' * 64}",
    "sha512": f"$sha512$${'A' * 86}",
    "hmac": f"$hmac-md4$key={_LONG}${_LONG}${'A' * 22}",
    "ldap": "{SSHA512}" + "AAAA" * 362,
}
"""By `passwords.schemes.kind`. No password is known to fit any of them."""

FAST = {"md4", "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "hmac", "ldap", "md5-crypt"}
"""Kinds that cost less than one of our own hashes."""


def dearest_password(kind: str) -> str:
    """The password that costs most."""
    return LONGEST_OF_CRYPT if kind.endswith(("-crypt", "iterated")) else LONGEST_PASSWORD
