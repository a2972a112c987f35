"""The ways to sign in: by password, by mailed code, by passkey. The answer to a failure does not say whether the
account exists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import accounts, connections, factors, limits, passwords, profile
from chalicelib.core import clock
from chalicelib.core.errors import TooManyRequests, Unauthenticated
from chalicelib.sessions import failures, first_sign_in, second_factors
from chalicelib.sessions.authentication import OF_PASSKEY, Authentication, methods_of
from chalicelib.sessions.new_session import begin

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Password, Person
    from chalicelib.sessions.authentication import Method
    from chalicelib.sessions.new_session import Grant, UserAgent


def by_password(email: str, password: str, proof: factors.PresentedFactor, user_agent: UserAgent) -> Grant:
    """Begin a session with email address and password, and a second factor if the person has one.

    The attempt is counted before anything is read or hashed. The count is cleared when the session has begun: a right
    password without the second factor counts like a wrong password. Raises Unauthenticated, with the same answer, for
    an unknown email address, a wrong password, a wrong code, a disabled person and too many attempts. Raises
    FactorRequired if the password is right and the second factor is missing, TooManyRequests if the email address was
    tried, or the client network failed, too often, and ConnectionRequired for a domain whose people come from their own
    identity provider.
    """
    account = profile.email_key(email)
    attempt = failures.Attempt(
        "password", user_agent, factors.kind(proof), account, hashes=passwords.forms(password)
    )
    with failures.counted(attempt):
        connections.check_way(email)
        counter = user_agent.device.counter if user_agent.device else account
        number = limits.attempts().reserve(counter)
        person, password_row = _person_and_password(account)
        attempt.about(person)
        if user_agent.device and not attempt.is_on_known_device:
            failures.count_under_way(attempt)
            counter, number = account, limits.attempts().reserve(account)
        try:
            authenticated = _authenticated(person, password_row, email, password, number, attempt)
            attempt.reason = "wrong second factor"
            has_second_factor = second_factors.verify(
                authenticated, proof, second_factors.behind_password(authenticated, user_agent.device)
            )
        except Unauthenticated:
            if person and limits.is_last(number):
                _mark_blocked(person)
            raise
        try:
            grant = begin(authenticated, user_agent, _authentication(attempt, ("pwd",), proof, has_second_factor))
        except TooManyRequests:
            # The password was right. It must not count as a wrong one, which could keep the owner out.
            limits.attempts().clear(counter)
            raise
        limits.attempts().clear(counter)
        if password_row and passwords.is_replaceable(password_row["hash"], password):
            accounts.people().rehash(authenticated, password_row, passwords.hashed(password))
        return grant


def by_code(
    code: str,
    email: str | None,
    proof: factors.PresentedFactor,
    user_agent: UserAgent,
    *,
    asker: str | None = None,
) -> Grant:
    """Begin a session with a mailed code: the token of the link without an email address, or the short code with it. If
    the code was asked for with an `asker` secret, the same secret is needed.

    If the person has a second factor, the code is used up only together with it. Raises the same errors as
    `by_password`.
    """
    factor_proved: list[bool] = []

    account = profile.email_key(email) if email else ""
    attempt = failures.Attempt("mailed code", user_agent, factors.kind(proof), account, reason="wrong code")

    def admit(person: Person) -> None:
        attempt.about(person)
        connections.check_way(person.get("email"))
        attempt.reason = "wrong second factor"
        row = second_factors.behind_mailbox(person, user_agent.device)
        factor_proved.append(second_factors.verify(person, proof, row))
        attempt.reason = "used code"

    with failures.counted(attempt):
        connections.check_way(email)
        person = accounts.redeem_code(code, email, asker=asker, admit=admit)
        grant = begin(person, user_agent, _authentication(attempt, ("otp",), proof, any(factor_proved)))
        if any(factor_proved):
            second_factors.forgive_password(person, user_agent.device)
        return grant


def by_passkey(response: dict[str, Any], user_agent: UserAgent) -> Grant:
    """Begin a session with a passkey. It counts as two factors: something that the person has, and something that they
    know or are.

    Raises Unauthenticated if the passkey cannot be verified, or if its person was removed or disabled.
    """
    attempt = failures.Attempt("passkey", user_agent, reason="wrong passkey")
    with failures.counted(attempt):
        person = factors.passkey_sign_in(response, accounts.people().find)
        attempt.about(person)
        if person is None or not accounts.is_active(person):
            attempt.reason = "no such person, or disabled"
            raise Unauthenticated("the passkey does not hold, or no longer")
        connections.check_way(person.get("email"))
        return begin(person, user_agent, Authentication(attempt.way, OF_PASSKEY, second_factor=True))


def _authentication(
    attempt: failures.Attempt, first: tuple[Method, ...], proof: factors.PresentedFactor, second_factor: bool
) -> Authentication:
    methods = methods_of(first, proof, second_factor=second_factor)
    return Authentication(attempt.way, methods, second_factor)


def _authenticated(
    person: Person | None,
    password_row: Password | None,
    email: str,
    password: str,
    number: int,
    attempt: failures.Attempt,
) -> Person:
    """The person, if the password is right, the limit of attempts is not exceeded, and the person is active. Raises
    Unauthenticated otherwise, always with the same answer. Only the log has the reason. A password that the old system
    alone has is asked for there, if the stage has one."""
    beyond = limits.is_beyond(number)
    fits = not beyond and passwords.fits(password_row["hash"] if password_row else None, password)
    if person is not None and password_row is not None and fits and accounts.is_active(person):
        return person
    if not beyond and first_sign_in.may_ask(person, password_row):
        attempt.reason = "not proved by the old system"
        if arrived := first_sign_in.ask(email, person, password):
            attempt.about(arrived)
            return arrived
    elif person is None:
        attempt.reason = "no such account"
    elif beyond:
        attempt.reason = "password blocked"
    elif password_row is None:
        attempt.reason = "no password"
    else:
        attempt.reason = "disabled" if fits else "wrong password"
    raise Unauthenticated("the address or the password is wrong")


def _mark_blocked(person: Person) -> None:
    """Mark that the password is blocked from now on. The mark leads to the event."""
    accounts.people().change(person, lambda _: {"blocked_at": clock.timestamp()})


def _person_and_password(account: str) -> tuple[Person | None, Password | None]:
    """The rows of the account's person and password: three reads, for an unknown email address too. The person is read
    first, and the new session stores the version that is read here. So a later change of the password ends it."""
    person = accounts.people().find_by_email(account)
    return person, accounts.credentials().password(person["id"] if person else accounts.nobody(account))
