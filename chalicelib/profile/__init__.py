"""A person's fields: one table of them, the rule each is held to, and who may see it."""

from chalicelib.profile.email_keys import check as check_email
from chalicelib.profile.email_keys import email_key
from chalicelib.profile.fields import check_fields
from chalicelib.profile.rules import is_user_id

__all__ = [
    "check_email",
    "check_fields",
    "email_key",
    "email_keys",
    "fields",
    "is_user_id",
    "models",
    "rules",
    "terms",
    "visibility",
]
