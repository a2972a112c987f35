"""Accounts: persons, how they are created, changed and removed, and how they are looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.lazy import names_of

if TYPE_CHECKING:
    from chalicelib.accounts import schemas
    from chalicelib.accounts.administration import governed, guarding
    from chalicelib.accounts.credential_store import credentials, nobody
    from chalicelib.accounts.everyone import born_on, changes, is_removed, living, rows_of, segment, tombstones
    from chalicelib.accounts.mail_recipients import alert, reachable
    from chalicelib.accounts.mailbox_proof import proved_mailbox
    from chalicelib.accounts.mailed import redeem_code, sign_in_codes
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
        folded_name,
        has_address,
        has_had_roles,
        invitation_record,
        is_active,
        is_administrator,
        is_awaited,
        may_continue,
        new_person,
        stands_alone,
    )
    from chalicelib.accounts.model import view as person_view
    from chalicelib.accounts.people_search import PeopleFilters, people_finder
    from chalicelib.accounts.removal import erase_again, erase_credentials, erase_intents
    from chalicelib.accounts.rows import person_of
    from chalicelib.accounts.sign_in_log import log_sign_in
    from chalicelib.accounts.store import AlsoRefused, EmailTaken, People, people
else:
    __getattr__ = names_of(
        __name__,
        {
            "ADMIN": "model",
            "AWAITED": "model",
            "AlsoRefused": "store",
            "EmailTaken": "store",
            "NewPerson": "many",
            "People": "store",
            "PeopleFilters": "people_search",
            "PersonChange": "many",
            "StoredParts": "many",
            "account_of": "model",
            "alert": "mail_recipients",
            "born_on": "everyone",
            "changed": "model",
            "changes": "everyone",
            "claims_in": "model",
            "create_all": "many",
            "credentials": "credential_store",
            "ended_sessions": "model",
            "erase_again": "removal",
            "erase_credentials": "removal",
            "erase_intents": "removal",
            "fingerprint": "model",
            "folded_name": "model",
            "governed": "administration",
            "guarding": "administration",
            "has_address": "model",
            "has_had_roles": "model",
            "invitation_record": "model",
            "is_active": "model",
            "is_administrator": "model",
            "is_awaited": "model",
            "is_removed": "everyone",
            "living": "everyone",
            "log_sign_in": "sign_in_log",
            "look_up_all": "many",
            "may_continue": "model",
            "new_person": "model",
            "nobody": "credential_store",
            "people": "store",
            "people_finder": "people_search",
            "person_of": "rows",
            "person_view": "model.view",
            "proved_mailbox": "mailbox_proof",
            "reachable": "mail_recipients",
            "read_all": "many",
            "read_passwords": "many",
            "redeem_code": "mailed",
            "replace_all": "many",
            "rows_of": "everyone",
            "schemas": "",
            "segment": "everyone",
            "sign_in_codes": "mailed",
            "stands_alone": "model",
            "tombstones": "everyone",
        },
    )

__all__ = [
    "ADMIN",
    "AWAITED",
    "AlsoRefused",
    "EmailTaken",
    "NewPerson",
    "People",
    "PeopleFilters",
    "PersonChange",
    "StoredParts",
    "account_of",
    "alert",
    "born_on",
    "changed",
    "changes",
    "claims_in",
    "create_all",
    "credentials",
    "ended_sessions",
    "erase_again",
    "erase_credentials",
    "erase_intents",
    "fingerprint",
    "folded_name",
    "governed",
    "guarding",
    "has_address",
    "has_had_roles",
    "invitation_record",
    "is_active",
    "is_administrator",
    "is_awaited",
    "is_removed",
    "living",
    "log_sign_in",
    "look_up_all",
    "may_continue",
    "new_person",
    "nobody",
    "people",
    "people_finder",
    "person_of",
    "person_view",
    "proved_mailbox",
    "reachable",
    "read_all",
    "read_passwords",
    "redeem_code",
    "replace_all",
    "rows_of",
    "schemas",
    "segment",
    "sign_in_codes",
    "stands_alone",
    "tombstones",
]
