"""Amazon Cognito: the column of hashes in a CSV file for `CreateUserImportJob` with a `PasswordHashingAlgorithm`.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserImportJob.html
"""

from __future__ import annotations

from chalicelib.passwords import schemes
from chalicelib.passwords.foreign.faults import FieldFault, blaming, unpadded

COLUMN = "cognito:password_hash"
ALGORITHMS = {"ARGON2ID": "argon2id", "BCRYPT": "bcrypt", "PBKDF2_SHA256": "pbkdf2", "SCRYPT": "scrypt"}


def from_cognito(value: object, algorithm: str | None = None, column: str = COLUMN) -> str:
    """The hash in a cell, as we store it. `algorithm` is that of the import job, where it names one.

    Raises FieldFault where the cell holds no hash of that algorithm, or one that costs too much.
    """
    if algorithm is not None and algorithm not in ALGORITHMS:
        raise FieldFault("PasswordHashingAlgorithm", f"must be one of {', '.join(ALGORITHMS)}")
    with blaming(column):
        taken = schemes.check(unpadded(value) if isinstance(value, str) else value)
        if schemes.kind(taken) not in ALGORITHMS.values():
            raise ValueError(f"must be a hash of {', '.join(ALGORITHMS)}")
        if algorithm is not None and schemes.kind(taken) != ALGORITHMS[algorithm]:
            raise ValueError(f"is not a hash of {algorithm}")
        return taken
