"""Accounts: who a person is, how one comes to be, changes and goes, and who may look whom up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.lazy import names_of

if TYPE_CHECKING:
    from chalicelib.accounts import model, schemas, sign_in_codes
    from chalicelib.accounts.administration import governed, guarding
    from chalicelib.accounts.credential_store import credentials, nobody
    from chalicelib.accounts.everyone import born_on, changes, is_removed, living, rows_of, segment, tombstones
    from chalicelib.accounts.mail_recipients import alert, reachable
    from chalicelib.accounts.many import (
        NewPerson,
        PersonChange,
        StoredParts,
        create_all,
        look_up_all,
        read_all,
        read_passwords,
        replace_all,
    )
    from chalicelib.accounts.model import (
        ADMIN,
        AWAITED,
        account_of,
        changed,
        claims_in,
        ended_sessions,
        fingerprint,
        has_address,
        has_had_roles,
        invitation_record,
        is_active,
        is_administrator,
        is_awaited,
        may_continue,
        new_person,
    )
    from chalicelib.accounts.people_search import PeopleFilters, people_finder
    from chalicelib.accounts.removal import erase_again, erase_credentials, erase_intents
    from chalicelib.accounts.rows import person_of
    from chalicelib.accounts.sign_in_codes import redeem as redeem_code
    from chalicelib.accounts.sign_in_log import log_sign_in, logged_network
    from chalicelib.accounts.store import People, people
else:
    __getattr__ = names_of(
        __name__,
        {
            "model": "",
            "PeopleFilters": "people_search",
            "people_finder": "people_search",
            "schemas": "",
            "replace_all": "many",
            "read_passwords": "many",
            "read_all": "many",
            "look_up_all": "many",
            "create_all": "many",
            "PersonChange": "many",
            "StoredParts": "many",
            "NewPerson": "many",
            "invitation_record": "model",
            "fingerprint": "model",
            "segment": "everyone",
            "is_removed": "everyone",
            "tombstones": "everyone",
            "rows_of": "everyone",
            "born_on": "everyone",
            "living": "everyone",
            "changes": "everyone",
            "alert": "mail_recipients",
            "reachable": "mail_recipients",
            "ADMIN": "model",
            "AWAITED": "model",
            "People": "store",
            "account_of": "model",
            "changed": "model",
            "claims_in": "model",
            "ended_sessions": "model",
            "erase_again": "removal",
            "erase_credentials": "removal",
            "erase_intents": "removal",
            "governed": "administration",
            "guarding": "administration",
            "has_address": "model",
            "has_had_roles": "model",
            "is_active": "model",
            "is_administrator": "model",
            "is_awaited": "model",
            "log_sign_in": "sign_in_log",
            "may_continue": "model",
            "new_person": "model",
            "nobody": "credential_store",
            "credentials": "credential_store",
            "people": "store",
            "person_of": "rows",
            "redeem_code": "sign_in_codes.redeem",
            "sign_in_codes": "",
            "logged_network": "sign_in_log",
        },
    )

__all__ = [
    "model",
    "PeopleFilters",
    "people_finder",
    "schemas",
    "replace_all",
    "read_passwords",
    "read_all",
    "look_up_all",
    "create_all",
    "PersonChange",
    "StoredParts",
    "NewPerson",
    "invitation_record",
    "fingerprint",
    "segment",
    "is_removed",
    "tombstones",
    "rows_of",
    "born_on",
    "living",
    "changes",
    "alert",
    "reachable",
    "ADMIN",
    "AWAITED",
    "People",
    "account_of",
    "changed",
    "claims_in",
    "ended_sessions",
    "erase_again",
    "credentials",
    "erase_credentials",
    "erase_intents",
    "governed",
    "guarding",
    "has_address",
    "has_had_roles",
    "is_active",
    "is_administrator",
    "is_awaited",
    "log_sign_in",
    "may_continue",
    "new_person",
    "nobody",
    "people",
    "person_of",
    "redeem_code",
    "sign_in_codes",
    "logged_network",
]
