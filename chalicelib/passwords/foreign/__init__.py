"""Converts password hashes of other systems into the formats of `passwords.schemes`. No I/O.

`as_stored` takes a hash in any spelling that tells by its form what it is. The others take what one system writes in
several fields, or in a spelling that only its name makes clear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.lazy import names_of

if TYPE_CHECKING:
    from chalicelib.passwords.foreign.auth0 import from_auth0
    from chalicelib.passwords.foreign.clerk import from_clerk
    from chalicelib.passwords.foreign.cognito import from_cognito
    from chalicelib.passwords.foreign.faults import FieldFault, NoPassword
    from chalicelib.passwords.foreign.firebase import Project, from_firebase
    from chalicelib.passwords.foreign.fusionauth import from_fusionauth
    from chalicelib.passwords.foreign.keycloak import from_keycloak
    from chalicelib.passwords.foreign.kratos import from_kratos
    from chalicelib.passwords.foreign.spellings import as_stored
else:
    __getattr__ = names_of(
        __name__,
        {
            "FieldFault": "faults",
            "NoPassword": "faults",
            "Project": "firebase",
            "as_stored": "spellings",
            "from_auth0": "auth0",
            "from_clerk": "clerk",
            "from_cognito": "cognito",
            "from_firebase": "firebase",
            "from_fusionauth": "fusionauth",
            "from_keycloak": "keycloak",
            "from_kratos": "kratos",
        },
    )

__all__ = [
    "FieldFault",
    "NoPassword",
    "Project",
    "as_stored",
    "from_auth0",
    "from_clerk",
    "from_cognito",
    "from_firebase",
    "from_fusionauth",
    "from_keycloak",
    "from_kratos",
]
