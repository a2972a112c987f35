"""MD4 (RFC 1320), which OpenSSL 3 no longer has: only for hashes of old systems."""

from __future__ import annotations

import struct

BLOCK_BYTES = 64

_START = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)
_WORD = 0xFFFFFFFF

_ROUNDS = (
    (0, (3, 7, 11, 19), tuple(range(16))),
    (0x5A827999, (3, 5, 9, 13), (0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)),
    (0x6ED9EBA1, (3, 9, 11, 15), (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15)),
)
"""Of each round: its constant, its shifts, and the order in which it reads the words of a block."""


def digest(data: bytes) -> bytes:
    """The 16 bytes of MD4."""
    padded = data + b"\x80" + bytes(-(len(data) + 9) % BLOCK_BYTES) + struct.pack("<Q", 8 * len(data) & 2**64 - 1)
    state = _START
    for words in struct.iter_unpack("<16I", padded):
        state = _after(state, words)
    return struct.pack("<4I", *state)


def _after(state: tuple[int, int, int, int], words: tuple[int, ...]) -> tuple[int, int, int, int]:
    a, b, c, d = state
    for number, (constant, shifts, order) in enumerate(_ROUNDS):
        for step, index in enumerate(order):
            mixed = (_mixed(number, b, c, d) + a + words[index] + constant) & _WORD
            shift = shifts[step % 4]
            a, b, c, d = d, (mixed << shift | mixed >> 32 - shift) & _WORD, b, c
    return (a + state[0]) & _WORD, (b + state[1]) & _WORD, (c + state[2]) & _WORD, (d + state[3]) & _WORD


def _mixed(number: int, b: int, c: int, d: int) -> int:
    if number == 0:
        return b & c | ~b & d
    return b & c | b & d | c & d if number == 1 else b ^ c ^ d
