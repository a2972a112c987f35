"""Hashes as other libraries spell them: what they made for one password, we verify, whatever column it comes in."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import passwords
from chalicelib.passwords import schemes
from chalicelib.passwords.foreign import as_stored
from tests.unit.appfile import ROOT

PASSWORD = "Grüße aus Köln"

# Django 5.2's hashers, with less work than by default; `sha1$` is of Django below 5.1
DJANGO = [
    "pbkdf2_sha256$1000$60bwvBh9vg553zDsbQAPw9$SrhDRDpph2LZ1DtlLuuVbsA6FtcwWdrRAERhG+TVDYQ=",
    "pbkdf2_sha1$1000$KjvQNph8h0HKRADdxIimNZ$WPD984mK/K/wExTcaKK6SlSfQdA=",
    (
        "scrypt$16$9u467QoDunHq91INmMzH2l$8$5$MeE1t5RwIZPPdTAstAnZZvQQ26T79XOj0VP5QI1ljehwLVed+lEmvMC1x6dngP8i98Pr8Ly+"
        "YbkFFUZmIiVAMw=="
    ),
    "argon2$argon2id$v=19$m=64,t=1,p=8$ZnRyR0ZFNUdZNjBHZ1pVQ3Q2Z3BqZg$PoxvT9sefduixsjYjORm9cbaPQZYOcs32cVPy2Z4NVE",
    "md5$oWg1LrhHyYCOCX08Kivarc$3baf359ffb9e3d307d61a2fa3289cc37",
    "bcrypt_sha256$$2b$04$I/fWhNftRVrGTlFGANOBheZlM3kEe4rWu4u/uMndTFliIACiHiCuO",
    "bcrypt$$2b$04$97hvQU4y3Hr031a0rYpEZujx4e7x/mPHxAL0VGdXEPcPSg6GejHFC",
    "sha1$seasalt$22b6b5735f139bd376ddefd77f27b96d70e9071b",
]
# Werkzeug 3.1's generate_password_hash
WERKZEUG = [
    (
        "scrypt:256:8:1$3lmnPMvIiK3JXU2p$a339b9ac7828260b8ae764de02c4d794104aa8c81ae72824ce8def6098cfd4d18828c172f5c877eb"
        "cd5fc3cb59db6dd94341d5a4a4f5162d06d7c5d0b6f44a79"
    ),
    "pbkdf2:sha256:1000$9HPnA8Voylo3sAlc$e1058807c4135025e7e10c0c5f15ab61c90ca9b8c92147544b36ee5d06741fa5",
    (
        "pbkdf2:sha512:1000$NWLf7kMGe1u9y0rl$3f0186e054571dcec78a464a105007fd15aa89fdda762e8bf30c48a52fae46a124071a020bc544"
        "24988d1a6bcf38c96c28a09b8cc554a412aca5da931acc13fe"
    ),
    "pbkdf2:sha1:1000$bh0rhD8jAdy2ZnSG$b9eb2759b6bf2ba0ba291fad4d50e732baa2b2e6",
]
# passlib 1.7.4's handlers
PASSLIB = [
    "$pbkdf2-sha256$1000$MYYw5tzbWwsB4Ny7F8JYSw$swz0B65CC6k3w1y5qv80HOwWykQe8M5QCrHSl82ls8I",
    (
        "$pbkdf2-sha512$1000$mxOiNMb4n5NyTgkhZEwpxQ$tg5dvRDS8eJPf1s20IwTIWozsXTXXsYihtb.Vvy/67Jbi5/bchsHIJdlcBl6hTaADPWWaU"
        "EOn3mYT8ovxu5DyA"
    ),
    "$pbkdf2$1000$qRVCKGVMyTlHiJGyFoKwtg$peC651UCi/UDWsvhtTbkTqnyanw",
    "{PBKDF2-SHA256}1000$bY1RCiHEWKt17n3P2ZtTSg$EBq.wiNepqKglciMIQh9oFthAHU4SGJvhJyoOKyU8jA",
    "{PBKDF2}1000$jHGO8T5njPFea621lhJCSA$W9NOYzAveiHhTuI41SuTOh47rj8",
    "$bcrypt-sha256$2b,4$O9H1JgjtQqwvgE.xS0lGd.$06wIFlJsoSmynPeZwnEXVJftTaUctte",
    "$bcrypt-sha256$v=2,t=2b,r=4$uFHD53KxCeE9wFly4W71Ze$wUdmLEuLzIF87zOBzlJcXUMeBTbpTYy",
    "$scrypt$ln=4,r=8,p=1$tJbyHoNwDoEQojRGiNHaOw$BejfyuWGommCEflbi8g51OjkMTtqJW4BLmnsTNgBRgw",
    "$argon2id$v=19$m=64,t=1,p=2$kNKak7JW6n1PKYXw/n9vDQ$AuakLYekrGby3ZqRIm0b0wPxo4tUfkDLpzBBMX6p2dA",
    "$P$5xb1xCbtjrWO6km9mj5QLfPxucQqE9.",
    "$H$51kcF/zfVsgUHmYiGlzbmJTd5hiHVS1",
    "$apr1$QLRf5J4X$AYiPqwZxappoqo9z9CxQN0",
    "{MD5}2a21eb25aeed73779432adca96b0d031",
    "{SHA}5ca85a0b51faf664d0c29eacfdea0764981e781f",
    "{ssha}8gAZXqJObqMomncwrm1pPKISXhMshTDG",
    "{SSHA512}KvXNUPQtz0ssc2XC2aWLTRfqiqLovvA4zbPCggPlLWWsVrgN5SbK/Rs3uMecjHLCRbbaQl/GSOrjqwc5YrAoODsnBGCMkVJK",
    (
        "{CRYPT}$6$rounds=1000$R72jCJ3qr2mm10zl$AF2LrAObkJezb6v.MEJk2mnjCx34P6iJubNngjd2Z2nIuHQNjz7bsT46smm.iBFuQDR80K2OoRW"
        ".dqgPjyxOi."
    ),
    "{CRYPT}$2b$04$1BBxdDHnport1KRVgcQg/.ZO3LisOrvMnwn6yAmtliC1j1825qBI.",
    "{bcrypt}$2b$04$1BBxdDHnport1KRVgcQg/.ZO3LisOrvMnwn6yAmtliC1j1825qBI.",
    "{BLF-CRYPT}$2b$04$1BBxdDHnport1KRVgcQg/.ZO3LisOrvMnwn6yAmtliC1j1825qBI.",
]
# WordPress 6.8's wp_hash_password in PHP 8.2, with the cost of 4
PHP = ["$wp$2y$04$OMTVtEeEf5Jc.GDhKEpfk.wsiV0Wi.nZomKoltS9uhlTPrrCFlhC."]

DEARER = [
    # passlib's atlassian_pbkdf2_sha1, of 10,000 iterations
    (PASSWORD, "{PKCS5S2}/d8b47zX+h+DkBKitBbiHEQeKMWBzb1vmm2V/j14Nkx8/oYQiWd0ivLoCf6OrSKm"),
    # npm's drupal-hash 1.0.4, and https://github.com/bwalding's ruby-drupal-hash
    (PASSWORD, "$S$DMy16VaJBsK0bmhsEjmk1wcp1U9btNymiv7TWkRyPfBMhtpTjKlh"),
    ("password1234", "$S$DeIZ1KTE.VzRvudZ5.xgOakipuMFrVyPmRdWTjAdYieWj27NMglI"),
    # better-auth 1.7's @better-auth/utils: of NFC, and of characters that NFKC makes others of
    (
        PASSWORD,
        (
            "885e1c9eee435d16c768589526563685:bc54618c79a3aaf82f8aecba6008b37875658d5d6d4a96c49dcfe62066ed940a8c9b341f4ba135"
            "4423a935db1638abcd90e0ba1d4fbfb00af6c844619234ebb7"
        ),
    ),
    (
        "\N{LATIN SMALL LIGATURE FI}nance in Köln \N{CIRCLED DIGIT ONE}",
        (
            "2dd4eef1e1b5a233fdbb53cac02206c4:7b28697878365d2654150735f5f5910a24035fe137434866bad4277108aef99652bec7616d8943"
            "3962b3067d845403b5a1c48c77defb223436a84e4bfdba6921"
        ),
    ),
]

# https://github.com/firebase/scrypt#password-hashing, as Supabase stores it
FIREBASE = (
    "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,"
    "sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
    "$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="
)
# https://github.com/wg/scrypt#usage
LAMBDAWORKS = "$s0$e0801$epIxT/h6HbbwHaehFnh/bw==$7H0vsXlY8UxxyW/BWx/9GuY7jEvGjT71GFd6O4SZND0="
DEARER += [
    ("user1password", FIREBASE),
    ("secret", LAMBDAWORKS),
    ("secret", LAMBDAWORKS.replace("$s0", "")),
]

# src/Identity/test/Identity.Test/PasswordHasherTest.cs of https://github.com/dotnet/aspnetcore
ASPNET = [
    "AAABAgMEBQYHCAkKCwwNDg+ukCEMDf0yyQ29NYubggHIVY0sdEUfdyeM+E1LtH1uJg==",
    "ANXrDknc7fGPpigibZXXZFMX4aoqz44JveK6jQuwY3eH/UyPhvr5xTPeGYEckLxz9A==",
    "AQAAAAEAACcQAAAAEAABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwpVFIEtP+JIuUEw==",
    "AQAAAAIAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw",
    (
        "AQAAAAIAAAD6AAAAIJbVi5wbMR+htSfFp8fTw8N8GOS/Sje+S/4YZcgBfU7EQuqv4OkVYmc4VJl9AGZzmRTxSkP7LtVi9IWyUxX8IAAfZ8v+ZfhjCc"
        "udtC1YERSqE1OEdXLW9VukPuJWBBjLuw=="
    ),
    "AQAAAAAAAAD6AAAAEAhftMyfTJylOlZT+eEotFXd1elee8ih5WsjXaR3PA9M",
]


def check_only_it_fits(written: str, password: str) -> None:
    stored = as_stored(written)
    assert schemes.fits(stored, password.encode())
    assert not schemes.fits(stored, f"{password}x".encode())
    assert as_stored(stored) == stored


@pytest.mark.parametrize("written", [*DJANGO, *WERKZEUG, *PASSLIB, *PHP], ids=lambda written: written[:24])
def test_what_a_library_made_is_verified(written):
    check_only_it_fits(written, PASSWORD)


@pytest.mark.parametrize("written", ASPNET)
def test_what_asp_net_made_is_verified(written):
    check_only_it_fits(written, "my password")


@pytest.mark.slow
@pytest.mark.parametrize(("password", "written"), DEARER, ids=lambda text: text[:12])
def test_what_takes_longer_is_verified_too(password, written):
    check_only_it_fits(written, password)


def test_the_signer_key_of_a_firebase_project_is_not_kept():
    assert "jxspr8Ki" not in as_stored(FIREBASE)


# hash/hasher_test.go of https://github.com/ory/kratos
@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("$md5-crypt$TVEiiKNb$SN6/pUaRQS/E8Jh46As2C/", "md5-crypt"),
        ("$md5$CY9rzUYh03PK3k6DJie09g==", "md5"),
        ("$sha1$pf=e1NBTFR9e1BBU1NXT1JEfQ==$NW9wbWtnejAzcg==$2qU2SGWP8viTM1md3FiI3+rjWXQ=", "sha1"),
        (
            (
                "$scrypt$ln=16384,r=8,p=1$2npRo7P03Mt8keSoMbyD/tKFWyUzjiQf2svUaNDSrhA=$MiCzNcIplSMqSBrm4HckjYqYhaVPPjTARTzwB1cV"
                "NYE="
            ),
            "scrypt",
        ),
    ],
)
def test_what_kratos_alone_writes_is_told_by_its_form(written, kind):
    assert schemes.kind(as_stored(written)) == kind


def test_what_is_stored_already_stays_as_it_is():
    assert as_stored(bcrypt := DJANGO[6].removeprefix("bcrypt$")) == bcrypt


@pytest.mark.parametrize(
    "mark", ["!", "!E0NPGEJIom97W5fPij9RTdKhMqvUFNUCGaTEqVUu", "*", "!!", "!$6$salt$" + "a" * 86]
)
def test_a_mark_of_no_password_is_told_from_a_wrong_hash(mark):
    for written in (mark, f"{{CRYPT}}{mark}"):
        with pytest.raises(passwords.NoPassword):
            passwords.as_stored(written)


EVERY = [*DJANGO, *WERKZEUG, *PASSLIB, *PHP, *ASPNET, *(written for _, written in DEARER)]


@given(st.sampled_from(EVERY), st.data())
def test_a_damaged_spelling_is_refused_or_stored_in_a_format_of_ours(written, data):
    place = data.draw(st.integers(0, len(written) - 1))
    damaged = written[:place] + data.draw(st.text("$=,:{}!*aZ09/.+-é", max_size=4)) + written[place + 1 :]
    try:
        stored = as_stored(damaged)
    except ValueError:
        return
    assert schemes.check(stored) == stored


def test_a_password_that_compatible_characters_also_spell_does_not_replace_its_hash():
    stored = as_stored(DEARER[3][1])
    assert schemes.fits_only(stored, PASSWORD.encode())
    assert not schemes.fits_only(stored, "\N{FULLWIDTH LATIN CAPITAL LETTER A}bc".encode())
    assert schemes.fits_only(as_stored(WERKZEUG[0]), "\N{FULLWIDTH LATIN CAPITAL LETTER A}bc".encode())


@pytest.mark.parametrize("written", [DJANGO[5], PASSLIB[5], PASSLIB[6], PHP[0]])
def test_a_long_password_counts_whole_where_bcrypt_takes_its_digest(written):
    assert schemes.fits_only(as_stored(written), b"x" * 200)
    assert not schemes.fits_only(as_stored(DJANGO[6]), b"x" * 200)


LOADED = """
import sys
from chalicelib import passwords
def loaded():
    return [name.rpartition(".")[2] for name in sorted(sys.modules) if name.startswith("chalicelib.passwords.foreign")]

before = loaded()
passwords.as_stored("pbkdf2_sha256$1000$60bwvBh9vg553zDsbQAPw9$SrhDRDpph2LZ1DtlLuuVbsA6FtcwWdrRAERhG+TVDYQ=")
print(before, loaded())
"""


def test_one_spelling_loads_its_converter_alone():
    done = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[] ['foreign', 'django', 'faults', 'spellings']", "")
