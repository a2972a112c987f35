"""Accounts: who a person is, how one comes to be, changes and goes, and who may look whom up."""

from chalicelib.accounts import sign_in_codes
from chalicelib.accounts.administration import governed, guarding
from chalicelib.accounts.birthdays import celebrate_page
from chalicelib.accounts.model import (
    ADMIN,
    AWAITED,
    account_of,
    changed,
    claims_in,
    ended_sessions,
    has_address,
    has_had_roles,
    is_active,
    is_administrator,
    is_awaited,
    may_continue,
    new_person,
)
from chalicelib.accounts.password_attempts import attempts, is_beyond, is_last
from chalicelib.accounts.password_attempts import of_session as attempts_of_session
from chalicelib.accounts.rate_limits import limits
from chalicelib.accounts.removal import erase_again, erase_credentials, erase_intents
from chalicelib.accounts.sign_in_codes import redeem as redeem_code
from chalicelib.accounts.sign_in_log import log_sign_in, told_network
from chalicelib.accounts.store import People, nobody, people, person_actions
from chalicelib.profile.email_keys import email_key
from chalicelib.profile.rules import roles as check_roles

__all__ = [
    "ADMIN",
    "AWAITED",
    "People",
    "account_of",
    "attempts",
    "attempts_of_session",
    "celebrate_page",
    "changed",
    "check_roles",
    "claims_in",
    "email_key",
    "erase_again",
    "erase_credentials",
    "erase_intents",
    "ended_sessions",
    "governed",
    "guarding",
    "is_active",
    "is_administrator",
    "has_address",
    "has_had_roles",
    "is_awaited",
    "is_beyond",
    "is_last",
    "limits",
    "log_sign_in",
    "sign_in_codes",
    "may_continue",
    "new_person",
    "nobody",
    "people",
    "person_actions",
    "redeem_code",
    "told_network",
]
