"""Converts password hashes of other systems into the formats of `passwords.schemes`. No I/O."""

from chalicelib.passwords.foreign.auth0 import from_auth0
from chalicelib.passwords.foreign.cognito import from_cognito
from chalicelib.passwords.foreign.faults import FieldFault
from chalicelib.passwords.foreign.firebase import Project, from_firebase
from chalicelib.passwords.foreign.kratos import from_kratos

__all__ = ["FieldFault", "Project", "from_auth0", "from_cognito", "from_firebase", "from_kratos"]
