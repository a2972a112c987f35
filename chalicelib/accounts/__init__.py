"""Accounts: who a person is, how one comes to be, changes and goes, and who may look whom up."""

from chalicelib.accounts import foreign_hashes, mailed_codes
from chalicelib.accounts.addresses import check as check_email
from chalicelib.accounts.addresses import email_key
from chalicelib.accounts.administration import governed, guarding
from chalicelib.accounts.attempts import attempts, is_beyond, is_last
from chalicelib.accounts.attempts import of_session as attempts_of_session
from chalicelib.accounts.birthdays import celebrate_page
from chalicelib.accounts.flights import flights
from chalicelib.accounts.floor import dearest_hash, floor_milliseconds
from chalicelib.accounts.hashes import check as check_password_hash
from chalicelib.accounts.hashes import is_foreign as hash_is_foreign
from chalicelib.accounts.hashes import kind as kind_of_hash
from chalicelib.accounts.limits import limits
from chalicelib.accounts.mailed_codes import redeem as redeem_code
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
from chalicelib.accounts.passwords import fits as password_fits
from chalicelib.accounts.passwords import hashed as hash_password
from chalicelib.accounts.passwords import is_replaceable as hash_is_replaceable
from chalicelib.accounts.removal import erase_again, erase_credentials, erase_intents
from chalicelib.accounts.rules import check_fields, is_user_id
from chalicelib.accounts.rules import roles as check_roles
from chalicelib.accounts.sign_in_log import log_sign_in, told_network
from chalicelib.accounts.store import People, nobody, people, person_actions

__all__ = [
    "ADMIN",
    "AWAITED",
    "People",
    "account_of",
    "attempts",
    "attempts_of_session",
    "celebrate_page",
    "changed",
    "check_email",
    "check_fields",
    "check_password_hash",
    "check_roles",
    "claims_in",
    "email_key",
    "erase_again",
    "erase_credentials",
    "erase_intents",
    "dearest_hash",
    "ended_sessions",
    "flights",
    "floor_milliseconds",
    "foreign_hashes",
    "governed",
    "guarding",
    "hash_is_foreign",
    "hash_is_replaceable",
    "hash_password",
    "is_active",
    "is_administrator",
    "has_address",
    "has_had_roles",
    "is_awaited",
    "is_beyond",
    "is_last",
    "is_user_id",
    "kind_of_hash",
    "limits",
    "log_sign_in",
    "mailed_codes",
    "may_continue",
    "new_person",
    "nobody",
    "password_fits",
    "people",
    "person_actions",
    "redeem_code",
    "told_network",
]
