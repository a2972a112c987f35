"""Supabase: `encrypted_password` of `auth.users`, where it has Firebase's scrypt: `$fbscrypt$…`, as internal/crypto/
password.go of https://github.com/supabase/auth reads it. All else there is bcrypt or Argon2, in their usual spelling.

It contains the signer key of the Firebase project, which we take off and do not keep.
"""

from __future__ import annotations

import re

from chalicelib.passwords.foreign.firebase import Project, from_firebase

_B64 = "[A-Za-z0-9+/]+={0,2}"
_TEXT = re.compile(
    rf"\$fbscrypt\$v=1,n=(?P<n>\d{{1,2}}),r=(?P<r>\d{{1,2}}),p=1(?:,ss=(?P<ss>{_B64}))?,sk=(?P<sk>{_B64})"
    rf"\$(?P<salt>{_B64})\$(?P<hash>{_B64})"
)


def converted(text: str) -> str:
    """The hash as we store it. Raises ValueError."""
    match = _TEXT.fullmatch(text)
    if not match:
        raise ValueError("is no hash of Firebase's scrypt as Supabase writes it")
    config = {
        "base64_signer_key": match["sk"],
        "base64_salt_separator": match["ss"] or "",
        "rounds": int(match["r"]),
        "mem_cost": int(match["n"]),
    }
    return from_firebase(match["hash"], match["salt"], Project.shown(config))
