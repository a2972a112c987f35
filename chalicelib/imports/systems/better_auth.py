"""better-auth: the tables `user` and `account`, of which one query makes a row a person.

https://better-auth.com/docs/concepts/database and the plugins admin, username, phone-number, anonymous, two-factor and
stripe. The secrets and backup codes of its table `twoFactor` are encrypted with the application's own secret, and so
they stay behind.
"""

from chalicelib.imports.systems.app_tables import person

__all__ = ["JSON_CELLS", "person"]

JSON_CELLS = ("accounts",)
