"""Firebase's scrypt as `$firescrypt$ln=<memory cost>,r=<rounds>,p=1$salt$hash`.

Firebase derives a key from the password by scrypt (with the person's salt followed by the project's separator). It
encrypts the project's signer key under that key by AES-256 in counter mode, and stores the result
(https://github.com/firebase/scrypt). In that mode the result is the signer key XOR a stream that depends on the derived
key alone. We store that stream: the import removes the signer key (`passwords.foreign`), so that no row holds the
project's secret and no sign-in needs it.
"""

from __future__ import annotations

import hmac

from chalicelib.passwords.schemes import phc, scrypt

KEY_BYTES = 32


class Firebase:
    kind = "firescrypt"

    def check(self, stored: str) -> None:
        scrypt.check_cost(phc.parse(stored))

    def fits(self, stored: str, password: bytes) -> bool:
        parts = phc.parse(stored)
        stream = _key_stream(scrypt.derived(parts, password, KEY_BYTES), len(parts.digest))
        return hmac.compare_digest(stream, parts.digest)


def _key_stream(key: bytes, size: int) -> bytes:
    """The key stream of AES-CTR: its encryption of zeros. Firebase's counter begins at 0."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    encryptor = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
    return encryptor.update(bytes(size)) + encryptor.finalize()
