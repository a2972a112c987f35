"""ASP.NET Core Identity: the column `PasswordHash` of `AspNetUsers`, base64 of a version and its fields.

Version 2 (0x00) is PBKDF2 by SHA-1 in 1,000 iterations, version 3 (0x01) names its digest and iterations:
https://github.com/dotnet/aspnetcore/blob/main/src/Identity/Extensions.Core/src/PasswordHasher.cs
"""

from __future__ import annotations

import struct

from chalicelib.passwords.foreign.faults import bytes_of
from chalicelib.passwords.schemes.phc import Phc

V2_SALT, V2_DIGEST = 16, 32
V2_ITERATIONS = 1000

V3_HEAD = struct.Struct(">BIII")
"""The version, the digest, the iterations, and the bytes of the salt."""
V3_DIGESTS = ("sha1", "sha256", "sha512")

MALFORMED = "is no hash as ASP.NET Core Identity writes it"


def converted(text: str) -> str:
    """The hash as we store it. Raises ValueError."""
    raw = bytes_of(text)
    if raw[:1] == b"\0" and len(raw) == 1 + V2_SALT + V2_DIGEST:
        return str(Phc("pbkdf2-sha1", {"i": str(V2_ITERATIONS)}, raw[1 : 1 + V2_SALT], raw[1 + V2_SALT :]))
    if raw[:1] != b"\1" or len(raw) <= V3_HEAD.size:
        raise ValueError(MALFORMED)
    _, digest, iterations, salt_size = V3_HEAD.unpack_from(raw)
    fields = raw[V3_HEAD.size :]
    if digest >= len(V3_DIGESTS) or not 0 < salt_size < len(fields):
        raise ValueError(MALFORMED)
    return str(Phc(f"pbkdf2-{V3_DIGESTS[digest]}", {"i": str(iterations)}, fields[:salt_size], fields[salt_size:]))
