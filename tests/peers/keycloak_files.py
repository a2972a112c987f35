"""Files of people as Keycloak's own `kc.sh export` writes them."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

from tests.peers import keycloak

if TYPE_CHECKING:
    from pathlib import Path

RUN_SECONDS = 600
"""Half a minute where nothing else runs."""

PASSWORD = keycloak.PASSWORD
TOTP_KEY = "12345678901234567890"
"""Keycloak's secrets are letters and digits, whose bytes are the key."""

POLICIES = {"modern": "", "older": "hashAlgorithm(pbkdf2-sha512) and hashIterations(1000)"}
"""Realms, each with what hashes passwords there: Argon2 where nothing else is asked for."""


def exported(folder: Path) -> Path:
    """A folder with `<realm>-realm.json` of each realm, which has its people among much else."""
    home = keycloak.unpacked(folder)
    (folder / "in").mkdir()
    for realm, policy in POLICIES.items():
        (folder / "in" / f"{realm}-realm.json").write_text(json.dumps(_realm(realm, policy)))
    _run(home, "import", "--dir", folder / "in")
    _run(home, "export", "--optimized", "--dir", folder / "out", "--users", "realm_file")
    return folder / "out"


def _run(home: Path, *words: str | Path) -> None:
    done = subprocess.run(
        (str(home / "bin" / "kc.sh"), *map(str, words)),
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
        env={**os.environ, "JAVA_OPTS_APPEND": keycloak.QUICK_START},
    )
    if done.returncode:
        raise RuntimeError(f"Keycloak's {words[0]} failed: {done.stdout[-1000:]}")


def _realm(name: str, policy: str) -> dict[str, Any]:
    google = {"alias": "google", "providerId": "google", "enabled": True, "config": {"clientId": "of no use"}}
    shop = {"clientId": "shop", "serviceAccountsEnabled": True, "publicClient": False, "secret": "of no use"}
    otp = {
        "type": "otp",
        "secretData": json.dumps({"value": TOTP_KEY}),
        "credentialData": json.dumps({"subType": "totp", "digits": 6, "period": 30, "algorithm": "HmacSHA1"}),
    }
    ada = {
        "realmRoles": ["editor"],
        "clientRoles": {"shop": ["buyer"]},
        "groups": ["/staff/uk"],
        "attributes": {"locale": ["en-GB"], "department": ["engines"]},
        "federatedIdentities": [
            {"identityProvider": "google", "userId": "1143600001", "userName": "ada@gmail.example"}
        ],
    }
    return {
        "realm": name,
        "enabled": True,
        "passwordPolicy": policy,
        "identityProviders": [google],
        "roles": {"realm": [{"name": "editor"}], "client": {"shop": [{"name": "buyer"}]}},
        "groups": [{"name": "staff", "subGroups": [{"name": "uk"}]}],
        "clients": [shop],
        "users": [
            _user("ada", **ada),
            _user("grace", enabled=False, emailVerified=False, requiredActions=["UPDATE_PASSWORD"]),
            _user("otto", credentials=[_password(), otp]),
            _user("nopass", credentials=[]),
            {"username": "service-account-shop", "enabled": True, "serviceAccountClientId": "shop"},
        ],
    }


def _user(name: str, **fields: object) -> dict[str, Any]:
    user = {
        "username": name,
        "email": f"{name}@example.com",
        "emailVerified": True,
        "firstName": name.title(),
        "lastName": "Lovelace",
        "enabled": True,
        "credentials": [_password()],
    }
    return {**user, **fields}


def _password() -> dict[str, object]:
    return {"type": "password", "value": PASSWORD, "temporary": False}
