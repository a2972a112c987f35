"""People of Django and django-allauth, as `dumpdata` and SQLite write them, and hashes by other libraries.

`python dump.py FOLDER PASSWORD` writes into the folder: `users.json`, `everything.json`, `everything.jsonl`,
`auth_user.csv`, and says the hashes of the password, by the library and its scheme.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import django
from django.conf import settings

FOLDER, PASSWORD = Path(sys.argv[1]), sys.argv[2]
HASHERS = ("PBKDF2", "PBKDF2SHA1", "Argon2", "BCryptSHA256", "BCrypt", "Scrypt", "MD5")
APPS = (
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

settings.configure(
    INSTALLED_APPS=APPS,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER / "db.sqlite3"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    MIDDLEWARE=["allauth.account.middleware.AccountMiddleware"],
    PASSWORD_HASHERS=[f"django.contrib.auth.hashers.{name}PasswordHasher" for name in HASHERS],
    SECRET_KEY="of no use",
    USE_TZ=True,
)
django.setup()

from allauth.account.models import EmailAddress  # noqa: E402
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes  # noqa: E402
from allauth.mfa.totp.internal import auth as totp  # noqa: E402
from allauth.socialaccount.models import SocialAccount  # noqa: E402
from django.contrib.auth.hashers import get_hashers, make_password  # noqa: E402
from django.contrib.auth.models import Group, User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from passlib import hash as passlib  # noqa: E402
from werkzeug.security import generate_password_hash  # noqa: E402


def make_people() -> None:
    names = {"first_name": "Ada", "last_name": "Lovelace"}
    ada = User.objects.create_user("ada", "ada@example.com", PASSWORD, is_staff=True, **names)
    ada.groups.add(Group.objects.create(name="Editors"))
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    SocialAccount.objects.create(user=ada, provider="google", uid="1143600001", extra_data={"email": ada.email})
    totp.TOTP.activate(ada, SECRET)
    RecoveryCodes.activate(ada)
    for hasher in get_hashers():
        name = hasher.algorithm
        hashed = make_password(PASSWORD, hasher=name)
        User.objects.create(username=name, email=f"{name}@example.com", password=hashed)
    gone = User(username="gone", email="gone@example.com", is_active=False, first_name='Grace "Amazing"')
    gone.set_unusable_password()
    gone.save()
    User.objects.create_user("nobody", "", PASSWORD)


def dump(name: str, *labels: str, **options: object) -> None:
    call_command("dumpdata", *labels, output=str(FOLDER / name), verbosity=0, **options)


def dump_table() -> None:
    """As `sqlite3 -header -csv` writes it."""
    with connection.cursor() as cursor, (FOLDER / "auth_user.csv").open("w", newline="") as file:
        cursor.execute("select * from auth_user")
        writer = csv.writer(file)
        writer.writerow([column[0] for column in cursor.description])
        writer.writerows(cursor.fetchall())


def hashes() -> dict[str, str]:
    """Of schemes with quick parameters: what they cost is not what is looked at."""
    return {
        "werkzeug scrypt": generate_password_hash(PASSWORD, "scrypt"),
        "werkzeug pbkdf2": generate_password_hash(PASSWORD, "pbkdf2:sha256:1000"),
        "passlib pbkdf2_sha1": passlib.pbkdf2_sha1.using(rounds=1000).hash(PASSWORD),
        "passlib pbkdf2_sha256": passlib.pbkdf2_sha256.using(rounds=1000).hash(PASSWORD),
        "passlib pbkdf2_sha512": passlib.pbkdf2_sha512.using(rounds=1000).hash(PASSWORD),
        "passlib bcrypt": passlib.bcrypt.using(rounds=4).hash(PASSWORD),
        "passlib bcrypt_sha256": passlib.bcrypt_sha256.using(rounds=4).hash(PASSWORD),
        "passlib argon2": passlib.argon2.using(rounds=1, memory_cost=64).hash(PASSWORD),
        "passlib scrypt": passlib.scrypt.using(rounds=4).hash(PASSWORD),
        "passlib sha256_crypt": passlib.sha256_crypt.using(rounds=1000).hash(PASSWORD),
        "passlib sha512_crypt": passlib.sha512_crypt.using(rounds=1000).hash(PASSWORD),
        "passlib md5_crypt": passlib.md5_crypt.hash(PASSWORD),
        "passlib phpass": passlib.phpass.using(rounds=7).hash(PASSWORD),
        "passlib ldap_salted_sha1": passlib.ldap_salted_sha1.hash(PASSWORD),
        "passlib ldap_salted_sha512": passlib.ldap_salted_sha512.hash(PASSWORD),
        "passlib ldap_bcrypt": passlib.ldap_bcrypt.using(rounds=4).hash(PASSWORD),
        "passlib django_pbkdf2_sha256": passlib.django_pbkdf2_sha256.using(rounds=1000).hash(PASSWORD),
        "passlib django_bcrypt_sha256": passlib.django_bcrypt_sha256.using(rounds=4).hash(PASSWORD),
    }


call_command("migrate", verbosity=0)
make_people()
dump("users.json", "auth.user")
dump("everything.json", indent=2)
dump("everything.jsonl", format="jsonl")
dump_table()
json.dump(hashes(), sys.stdout)
