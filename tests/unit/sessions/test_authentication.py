"""What tokens for applications say of a sign-in."""

from __future__ import annotations

import pytest

from chalicelib.factors import PresentedFactor
from chalicelib.sessions.authentication import ACR_VALUES, acr_of, methods_of, reaches

PASSKEY = PresentedFactor(passkey={"id": "k"})
OTP = PresentedFactor(otp="123456")


@pytest.mark.parametrize(
    ("first", "proof", "second_factor", "methods", "acr"),
    [
        (("pwd",), PresentedFactor(), False, ("pwd",), "aal1"),
        (("otp",), PresentedFactor(), False, ("otp",), "aal1"),
        (("pwd",), OTP, True, ("mfa", "otp", "pwd"), "aal2"),
        (("pwd",), PresentedFactor(recovery_code="abc"), True, ("mfa", "otp", "pwd"), "aal2"),
        (("pwd",), PASSKEY, True, ("mfa", "pop", "pwd", "user"), "phr"),
        (("pwd",), OTP, False, ("pwd",), "aal1"),
        ((), PresentedFactor(), False, (), "aal1"),
    ],
)
def test_methods_and_level(first, proof, second_factor, methods, acr):
    assert methods_of(first, proof, second_factor=second_factor) == methods
    assert acr_of(methods, second_factor=second_factor) == acr


def test_a_factor_that_was_lost_since_counts_no_more():
    assert acr_of(("mfa", "pop", "user"), second_factor=False) == "aal1"


def test_each_level_includes_those_before_it():
    reached = {acr: [wanted for wanted in ACR_VALUES if reaches(acr, wanted)] for acr in ACR_VALUES}
    assert reached == {"aal1": ["aal1"], "aal2": ["aal1", "aal2"], "phr": ["aal1", "aal2", "phr"]}
    assert not reaches("", "aal1")
