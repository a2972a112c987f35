"""NextAuth (Auth.js): the tables of its adapters, `User` and `Account`, of which one query makes a row a person.

https://authjs.dev/concepts/database-models and src/adapters.ts of the package @auth/core. There `emailVerified` is the
time at which the address was verified.
"""

from chalicelib.imports.systems.app_tables import person

__all__ = ["JSON_CELLS", "person"]

JSON_CELLS = ("accounts",)
