"""Recovery codes."""

from __future__ import annotations

import re

import pytest

from chalicelib.factors import recovery_codes


def test_there_are_ten_of_112_bits_or_more_and_none_is_like_another():
    codes = [code for _ in range(50) for code in recovery_codes.new_codes()]
    assert len(set(codes)) == 500
    for code in codes:
        assert re.fullmatch(r"([A-Z2-7]{4}-){5}[A-Z2-7]{4}", code)
    assert 24 * 5 >= 112  # 24 characters of 5 bits
    letters = {place: {code.replace("-", "")[place] for code in codes} for place in range(24)}
    assert all(len(seen) == 32 for seen in letters.values())


@pytest.mark.parametrize(
    "typed",
    ["ABOI-2B34-ABCD-EFGH-IJKL-MNOP", "aboi2b34abcdefghijklmnop", " ab01 2834 ABCD efgh ijkl mnop "],
)
def test_a_code_counts_however_it_is_typed(typed):
    assert recovery_codes.hashed("U1", typed) == recovery_codes.hashed("U1", "ABOI-2B34-ABCD-EFGH-IJKL-MNOP")


def test_a_hash_is_of_one_person_and_one_code():
    code, other = recovery_codes.new_codes()[:2]
    kept = recovery_codes.hashed("U1", code)
    assert kept not in {recovery_codes.hashed("U2", code), recovery_codes.hashed("U1", other)}
    assert code not in kept
    assert code.replace("-", "") not in kept
