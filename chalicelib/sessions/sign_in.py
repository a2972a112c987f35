"""The ways to sign in: by password, by mailed code, by passkey. A failure says the same, whoever it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import accounts, factors, limits, passwords, profile
from chalicelib.core import clock
from chalicelib.core.errors import TooManyRequests, Unauthenticated
from chalicelib.sessions import failures, second_factors
from chalicelib.sessions.new_session import begin

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Password, Person
    from chalicelib.sessions.new_session import Grant, UserAgent


def by_password(email: str, password: str, proof: factors.PresentedFactor, user_agent: UserAgent) -> Grant:
    """Begin a session with address and password, and a second factor where the person has one.

    The attempt is counted before anything is read or hashed, and the count is cleared when the session has begun: a
    right password without its factor counts like a wrong one. Raises Unauthenticated for an unknown address, a wrong
    password, a wrong code, a disabled person and one attempt too many alike, FactorRequired once the password is
    right, TooManyRequests where the address was tried too often or the client failed too often.
    """
    account = profile.email_key(email)
    attempt = failures.Attempt("password", user_agent, factors.kind(proof), account)
    with failures.counted(attempt):
        counter = user_agent.device.counter if user_agent.device else account
        number = limits.attempts().reserve(counter)
        person, password_row = _person_and_password(account)
        attempt.about(person)
        if user_agent.device and not attempt.is_on_known_device:
            failures.count_under_way(attempt)
            counter, number = account, limits.attempts().reserve(account)
        try:
            entitled = _entitled(person, password_row, password, number, attempt)
            attempt.reason = "wrong second factor"
            second = second_factors.verify(
                entitled, proof, second_factors.behind_password(entitled, user_agent.device)
            )
        except Unauthenticated:
            if person and limits.is_last(number):
                _mark_blocked(person)
            raise
        try:
            granted = begin(entitled, user_agent, attempt.way, second_factor=second)
        except TooManyRequests:
            # The password was right: what is counted of wrong ones must not grow by it and keep the owner out.
            limits.attempts().clear(counter)
            raise
        limits.attempts().clear(counter)
        if password_row and passwords.is_replaceable(password_row["hash"], password):
            accounts.people().rehash(entitled, password_row, passwords.hashed(password))
        return granted


def by_code(
    code: str,
    email: str | None,
    proof: factors.PresentedFactor,
    user_agent: UserAgent,
    *,
    asker: str | None = None,
) -> Grant:
    """Begin a session with a mailed code: the one of the link alone, or the short one with its address; from the
    `asker` that asked for it, where one did.

    The code is used up only with the second factor, where the person has one. Raises what `by_password` does.
    """
    factor_proved: list[bool] = []

    account = profile.email_key(email) if email else ""
    attempt = failures.Attempt("mailed code", user_agent, factors.kind(proof), account, reason="wrong code")

    def admit(person: Person) -> None:
        attempt.about(person)
        attempt.reason = "wrong second factor"
        row = second_factors.behind_mailbox(person, user_agent.device)
        factor_proved.append(second_factors.verify(person, proof, row))
        attempt.reason = "used code"

    with failures.counted(attempt):
        person = accounts.redeem_code(code, email, asker=asker, admit=admit)
        granted = begin(person, user_agent, attempt.way, second_factor=any(factor_proved))
        if any(factor_proved):
            second_factors.forgive_password(person, user_agent.device)
        return granted


def by_passkey(response: dict[str, Any], user_agent: UserAgent) -> Grant:
    """Begin a session with a passkey, which stands for two factors: what one has, and what one knows or is.

    Raises Unauthenticated for one that does not hold or whose person is gone or disabled.
    """
    attempt = failures.Attempt("passkey", user_agent, reason="wrong passkey")
    with failures.counted(attempt):
        person = factors.passkey_sign_in(response, accounts.people().find)
        attempt.about(person)
        if person is None or not accounts.is_active(person):
            attempt.reason = "no such person, or disabled"
            raise Unauthenticated("the passkey does not hold, or no longer")
        return begin(person, user_agent, attempt.way, second_factor=True)


def _entitled(
    person: Person | None, password_row: Password | None, password: str, number: int, attempt: failures.Attempt
) -> Person:
    """The person, if the password is theirs and this attempt at it is not beyond the last. All that can be wrong is
    answered alike, and told apart in the log."""
    beyond = limits.is_beyond(number)
    fits = not beyond and passwords.fits(password_row["hash"] if password_row else None, password)
    if person is not None and password_row is not None and fits and accounts.is_active(person):
        return person
    if person is None:
        attempt.reason = "no such account"
    elif beyond:
        attempt.reason = "password blocked"
    elif password_row is None:
        attempt.reason = "no password"
    else:
        attempt.reason = "disabled" if fits else "wrong password"
    raise Unauthenticated("the address or the password is wrong")


def _mark_blocked(person: Person) -> None:
    """Mark that the password is blocked from now on. The event is made from the mark."""
    accounts.people().change(person, lambda _: {"blocked_at": clock.timestamp()})


def _person_and_password(account: str) -> tuple[Person | None, Password | None]:
    """Three reads, for an unknown address too. The person comes first: a session takes their version from here, so
    a password that is changed after this reading ends it."""
    person = accounts.people().find_by_email(account)
    return person, accounts.credentials().password(person["id"] if person else accounts.nobody(account))
