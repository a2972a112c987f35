"""Changes that people make to their own account."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib.accounts import model, new_password, removal
from chalicelib.accounts.credential_store import credentials
from chalicelib.accounts.sign_in_log import log_sign_in
from chalicelib.accounts.store import NOTHING_ELSE, check_version, people
from chalicelib.core.errors import Conflict, FieldError, Invalid, TooManyRequests
from chalicelib.limits import attempts, attempts_of_session, is_beyond
from chalicelib.passwords import policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Action
    from chalicelib.jobs.rows import Job


def change_password(
    person: Person,
    current: str | None,
    new: str,
    *,
    session_id: str,
    source_ip: str = "",
    expected: int | None = None,
) -> Person:
    """Replace the person's password and end every session but this one. A person without a password (they were invited
    or imported, or signed in with a mailed code) needs no current one.

    Wrong current passwords are counted for the session, together with those of a step-up. So guesses of strangers at
    sign-in do not keep the owner from changing the password, and a thief of a session gets no more guesses here than at
    a step-up. The change clears both counts: the session's, and the account's at sign-in.

    Raises Invalid if the rules refuse the new password or the current one is wrong, TooManyRequests if the current one
    was wrong too often, PreconditionFailed if the person is not at the `expected` version, Unauthenticated if their
    sessions were ended meanwhile.
    """
    check_version(person, expected)
    checked_password = new_password.check(new, person, "new_password")
    password_row = credentials().password(person["id"])
    session_counter = attempts_of_session(session_id)
    if password_row:
        account = model.account_of(person)
        log = partial(log_sign_in, "current password", account=account, subject=person["id"], source_ip=source_ip)
        try:
            number = attempts().reserve(session_counter)
        except TooManyRequests:
            log("refused", reason="too many")
            raise
        if is_beyond(number) or not policy.fits(password_row["hash"], current or ""):
            log("refused", reason="wrong password")
            raise Invalid([FieldError(field="current_password", message="is not your password")])
    new_password.unbreached(checked_password, "new_password")

    def other_sessions_ended(present: Person) -> dict[str, Any]:
        model.check_in_session(person, present)
        return model.ended_sessions(present, kept=session_id)

    changed = people().set_password(
        person,
        policy.hashed(checked_password),
        password_row,
        other_sessions_ended,
        expected=expected,
        short=policy.is_short(checked_password),
        also={"attempts": attempts().clearing(session_counter)} if password_row else {},
    )
    attempts().clear(model.account_of(person))
    return changed


def remove(person: Person, *, expected: int | None = None) -> Job:
    """Remove the person's own account, and return the job that erases the rest. Raises Conflict for an administrator:
    another administrator has to take that role away first. Raises Unauthenticated if their sessions were ended
    meanwhile, PreconditionFailed if the person is not at the `expected` version."""

    def check(present: Person) -> Mapping[str, Action]:
        model.check_in_session(person, present)
        if model.is_administrator(present):
            message = "another administrator has to take your administrator's role first"
            raise Conflict(message, code="administrator")
        return NOTHING_ELSE

    return removal.remove(person, expected=expected, also=check)
