"""Spellings that are malformed, dear, or of what cannot be checked here: refused with a reason that quotes nothing."""

from __future__ import annotations

import re

import pytest

from chalicelib import passwords
from chalicelib.passwords.foreign import as_stored
from chalicelib.passwords.foreign.faults import unpadded

DIGEST, SALT = "A" * 43, "c2FsdHNhbHQ"
HEX = "ab" * 64

REFUSED = [
    ("*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19", "MySQL's PASSWORD"),
    ("pbkdf2_sha256$2000001$salt$" + DIGEST + "=", "2,000,000 iterations"),
    ("pbkdf2_sha256$many$salt$" + DIGEST, "as Django writes it"),
    ("pbkdf2_sha256$1000$$" + DIGEST, "as Django writes it"),
    ("pbkdf2_sha256$1000$salt", "as Django writes it"),
    ("pbkdf2_sha256$1000$salt$AAAA", "shorter than 16"),
    ("pbkdf2_sha384$1000$salt$" + DIGEST, "unsupported"),
    ("scrypt$1000$salt$8$1$" + DIGEST, "power of two"),
    ("scrypt$1048576$salt$8$1$" + DIGEST, "128 MiB"),
    ("scrypt$99999999999$salt$8$1$" + DIGEST, "power of two"),
    ("bcrypt$$2b$16$" + "a" * 52 + ".", "cost above 15"),
    ("bcrypt$$1$salt$" + "a" * 22, "as Django writes it"),
    ("bcrypt_sha256$$2b$16$" + "a" * 52 + ".", "cost above 15"),
    ("bcrypt_sha256$$2b$04$short", "is not a bcrypt hash"),
    (f"argon2$argon2id$v=19$m=999999,t=1,p=1${SALT}${DIGEST}", "131,072 KiB"),
    ("argon2$argon2i$1$8$8$salt$" + DIGEST, "version 19"),
    ("md5$salt$" + "a" * 31, "hex"),
    ("md5$salt$" + "a" * 40, "16 bytes"),
    ("md5$salt$" + "A" * 32, "as Django writes it"),
    ("sha1$salt", "as Django writes it"),
    ("scrypt:32768:8$salt$" + HEX, "as Werkzeug writes it"),
    ("scrypt:32768:8:99$salt$" + HEX, "16 lanes"),
    ("pbkdf2:sha256$salt$" + HEX, "with its iterations"),
    ("pbkdf2:sha256:9999999$salt$" + HEX[:64], "2,000,000 iterations"),
    ("sha256$salt$abc", "hex"),
    ("$pbkdf2-sha256$9999999$c2FsdA$" + DIGEST, "2,000,000 iterations"),
    ("$pbkdf2-sha256$1000$c2FsdA", "as passlib writes it"),
    ("{PBKDF2-SHA999}1000$c2FsdA$" + DIGEST, "unsupported"),
    ("{PKCS5S2}AAAA", "length"),
    ("{PKCS5S2}****", "base64"),
    ("$bcrypt-sha256$v=3,t=2b,r=4$" + "a" * 22 + "$" + "a" * 31, "as passlib writes it"),
    ("$bcrypt-sha256$2b,31$" + "a" * 22 + "$" + "a" * 30 + ".", "cost above 15"),
    ("$P$5xb1xCbtjrWO6km9mj5QLfPxucQqE9", "phpass"),
    ("$P$/xb1xCbtjrWO6km9mj5QLfPxucQqE9.", "2^7 to 2^30"),
    ("$P$Rxb1xCbtjrWO6km9mj5QLfPxucQqE9.", "1,000,000 digests"),
    ("$S$DMy16VaJBsK0bmhsEjmk1wcp1U9btNymi", "phpass"),
    ("$wp$1$salt$" + "a" * 22, "phpass"),
    ("$wp$2y$31$" + "a" * 52 + ".", "cost above 15"),
    ("s2:short:" + HEX, "unsupported"),
    ("AAABAgMEBQYHCAkKCwwNDg+ukCEMDf0yyQ29NYubggHIVY0sdEUfdyeM+E1LtH1uJgAAAAAAAAAAAAA=", "ASP.NET"),
    ("AQAAAAMAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw", "ASP.NET"),
    ("AQAAAAIAAAAyAAAA/+MwvH3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw", "ASP.NET"),
    ("AQAAAAL/AAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw", "2,000,000 iterations"),
    ("AQAAAAIAAAAyAAAAHeMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw", "shorter than 16"),
    ("$ff0801$c2FsdA==$" + DIGEST, "128 MiB"),
    ("$e0801$c2FsdA==", "as Spring Security writes it"),
    ("$fbscrypt$v=2,n=14", "as Supabase writes it"),
    ("$fbscrypt$v=1,n=14,r=8,p=1,sk=AAAA$c2FsdA==$AAAA", "at least 16 bytes"),
    ("{noop}hunter2", "plain text"),
    ("{PLAIN}hunter2", "plain text"),
    ("{crypt}rAbcdefghijkl", "unsupported"),
    ("{CRYPT}$y$j9T$salt$" + DIGEST, "yescrypt"),
    ("{bcrypt}{bcrypt}$2b$04$", "unsupported"),
    ("{pbkdf2}" + HEX, "unsupported"),
    ("{MD5}{salt}" + "ab" * 16, "base64"),
    ("{}", "unsupported"),
    ("{ssha}AAAA", "length of sha1"),
    ("$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7", "have a password reset mailed"),
    ("$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D", "yescrypt"),
    ("$2x$04$" + "a" * 52 + ".", "several passwords"),
    ("5f4dcc3b5aa765d61d8327deb882cf99", "digest alone"),
    ("5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8", "digest alone"),
    ("$sha1$480000$c2FsdHNhbHQ$" + "a" * 28, "form $kind$"),
    ("Grüße", "4,096 characters"),
    ("x" * 4097, "4,096 characters"),
    (None, "must be a password hash"),
    (["$2b$04$"], "must be a password hash"),
]


@pytest.mark.parametrize(("written", "reason"), REFUSED, ids=[str(written)[:24] for written, _ in REFUSED])
def test_what_cannot_be_taken_is_refused_with_the_reason(written, reason):
    with pytest.raises(ValueError, match=re.escape(reason)) as refused:
        as_stored(written)
    assert not isinstance(refused.value, passwords.NoPassword)
    assert all(len(part) < 12 or part not in str(refused.value) for part in re.split(r"[$:{}]", str(written)))


def test_padding_where_none_belongs_costs_no_time():
    """A row of Auth0's or Cognito's may have a hundred thousand such signs. In the square of their number, this would
    take minutes."""
    text = "$" + "=" * 100_000 + "x"
    assert unpadded(text) == text
