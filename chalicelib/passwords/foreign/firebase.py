"""Firebase Auth: `passwordHash` and `salt` of an exported user, and the parameters of its project.

https://firebase.google.com/docs/cli/auth and https://github.com/firebase/scrypt
"""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.passwords import schemes
from chalicelib.passwords.foreign.faults import FieldFault, base64_of, blaming
from chalicelib.passwords.schemes.phc import Phc

MEMORY_COSTS = range(1, 15)
ROUNDS = range(1, 9)


@dataclass(frozen=True)
class Project:
    """The "password hash parameters" of a Firebase project. No export contains them: an import job names them, and the
    signer key by the name of a secret."""

    signer_key: bytes
    salt_separator: bytes
    rounds: int
    memory_cost: int

    def __post_init__(self) -> None:
        if len(self.signer_key) < 16:
            raise FieldFault("signer_key", "must have at least 16 bytes")
        if self.rounds not in ROUNDS:
            raise FieldFault("rounds", "must be a whole number from 1 to 8")
        if self.memory_cost not in MEMORY_COSTS:
            raise FieldFault("memory_cost", "must be a whole number from 1 to 14")

    @classmethod
    def shown(cls, config: object) -> Project:
        """The project of a `hash_config` object, as Firebase's console shows it. Raises FieldFault."""
        if not isinstance(config, dict):
            raise FieldFault("hash_config", "must be an object")
        return cls(
            signer_key=base64_of(config.get("base64_signer_key"), "base64_signer_key"),
            salt_separator=base64_of(config.get("base64_salt_separator"), "base64_salt_separator"),
            rounds=config.get("rounds", 0),
            memory_cost=config.get("mem_cost", 0),
        )


def from_firebase(password_hash: object, salt: object, project: Project) -> str:
    """The hash as we store it, without the project's signer key (see `passwords.schemes.firebase`).

    Raises FieldFault.
    """
    ours = Phc(
        "firescrypt",
        {"ln": str(project.memory_cost), "r": str(project.rounds), "p": "1"},
        base64_of(salt, "salt") + project.salt_separator,
        without_signer_key(base64_of(password_hash, "passwordHash"), project.signer_key, "passwordHash"),
    )
    with blaming("passwordHash"):
        return schemes.check(str(ours))


def without_signer_key(outcome: bytes, signer_key: bytes, field: str) -> bytes:
    """The key stream: `outcome` XOR the signer key. Raises FieldFault where they differ in length."""
    if len(outcome) != len(signer_key):
        raise FieldFault(field, "is not as long as the project's signer key")
    return bytes(byte ^ key_byte for byte, key_byte in zip(outcome, signer_key, strict=True))
