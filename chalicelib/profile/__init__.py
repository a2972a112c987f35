"""A person's fields: one table of them, the rule each is held to, and who may see it."""

from chalicelib.profile.email_keys import email_key
from chalicelib.profile.fields import check_fields
from chalicelib.profile.rules import is_user_id

__all__ = ["email_keys", "fields", "models", "rules", "visibility", "check_fields", "email_key", "is_user_id"]
