"""Password hashes as other systems write them, turned into the texts that `accounts.hashes` understands. No I/O."""

from chalicelib.accounts.foreign_hashes.auth0 import from_auth0
from chalicelib.accounts.foreign_hashes.cognito import from_cognito
from chalicelib.accounts.foreign_hashes.faults import FieldFault
from chalicelib.accounts.foreign_hashes.firebase import Project, from_firebase
from chalicelib.accounts.foreign_hashes.kratos import from_kratos

__all__ = ["FieldFault", "Project", "from_auth0", "from_cognito", "from_firebase", "from_kratos"]
