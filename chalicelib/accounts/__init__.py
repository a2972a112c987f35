"""Accounts: who a person is, how one comes to be, changes and goes, and who may look whom up."""

from chalicelib.accounts.addresses import email_key
from chalicelib.accounts.model import new_person
from chalicelib.accounts.rules import check_fields
from chalicelib.accounts.store import people, person_actions

__all__ = ["check_fields", "email_key", "new_person", "people", "person_actions"]
