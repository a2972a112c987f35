"""What a mailed token or code completes: a registration, an invitation, a reset, a sign-in, another email address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.lazy import names_of

if TYPE_CHECKING:
    from chalicelib.accounts.mailed import sign_in_codes
    from chalicelib.accounts.mailed.sign_in_codes import redeem as redeem_code
else:
    __getattr__ = names_of(__name__, {"redeem_code": "sign_in_codes.redeem", "sign_in_codes": ""})

__all__ = ["redeem_code", "sign_in_codes"]
