"""What people do to their own account."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

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
    """Replace the person's password and end every session but this one. Who has none, because they were invited or
    imported or came by a mailed code, needs no current one.

    Wrong ones are counted for the session, as those of a step-up are: what strangers guess at the account keeps nobody
    from changing what is guessed at, and whoever stole a session has no more guesses here than there. The change ends
    the account's own row.

    Raises Invalid for a new password that may not be chosen or a current one that is wrong, TooManyRequests where
    the current one was guessed at too often, PreconditionFailed for another version than the expected one.
    """
    check_version(person, expected)
    chosen = new_password.check(new, person, "new_password")
    password_row = credentials().password(person["id"])
    guesses = attempts_of_session(session_id)
    if password_row:
        account = model.account_of(person)
        log = partial(log_sign_in, "current password", account=account, subject=person["id"], source_ip=source_ip)
        try:
            number = attempts().reserve(guesses)
        except TooManyRequests:
            log("refused", reason="too many")
            raise
        if is_beyond(number) or not policy.fits(password_row["hash"], current or ""):
            log("refused", reason="wrong password")
            raise Invalid([FieldError(field="current_password", message="is not your password")])
    new_password.unbreached(chosen, "new_password")
    changed = people().set_password(
        person,
        policy.hashed(chosen),
        password_row,
        lambda present: model.ended_sessions(present, kept=session_id),
        expected=expected,
        short=policy.is_short(chosen),
        also={"attempts": attempts().clearing(guesses)} if password_row else {},
    )
    attempts().clear(model.account_of(person))
    return changed


def remove(person: Person, *, expected: int | None = None) -> Job:
    """Remove one's own account: the job that erases the rest. Raises Conflict for an administrator: another one has
    to take that role first."""
    return removal.remove(person, expected=expected, also=_no_administrator)


def _no_administrator(present: Person) -> Mapping[str, Action]:
    if model.is_administrator(present):
        raise Conflict("another administrator has to take your administrator's role first")
    return NOTHING_ELSE
