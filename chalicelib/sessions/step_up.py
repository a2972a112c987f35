"""Step-up (RFC 9470): a person proves again who they are, within a session. Some routes need it, so that a stolen
token is not enough for them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chalicelib import accounts, connections, factors, limits, passwords
from chalicelib.core.errors import FactorRequired, FieldError, Invalid, TooManyRequests, Unauthenticated
from chalicelib.sessions import second_factors
from chalicelib.sessions.authentication import methods_of
from chalicelib.sessions.store import sessions

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person
    from chalicelib.core.http.requests import Caller


def step_up(caller: Caller, password: str | None, proof: factors.PresentedFactor, source_ip: str) -> None:
    """Store in the session that its person has just proved who they are: by a second factor if they have one, and by
    their password otherwise.

    Attempts are counted for the session, so nobody outside the session can use them up. Raises FactorRequired or
    Invalid if the needed proof is missing, Unauthenticated if it is wrong or the session has ended, TooManyRequests if
    the next attempt must wait.
    """
    counter = limits.attempts_of_session(caller.session_id)
    log = partial(
        accounts.log_sign_in,
        "step-up",
        second_factor=factors.kind(proof),
        account=accounts.account_of(accounts.person_of(caller)),
        subject=caller.id,
        source_ip=source_ip,
    )
    try:
        has_second_factor = second_factors.verify(accounts.person_of(caller), proof, counter)
        if not has_second_factor:
            _prove_password(accounts.person_of(caller), password, counter)
    except FactorRequired:
        raise
    except Unauthenticated:
        log(
            "refused",
            reason="wrong second factor" if factors.enrolled(accounts.person_of(caller)) else "wrong password",
        )
        raise
    except TooManyRequests:
        log("refused", reason="too many")
        raise
    log("granted")
    methods = methods_of(() if has_second_factor else ("pwd",), proof, second_factor=has_second_factor)
    sessions().step_up(caller.session_id, accounts.person_of(caller), methods, second_factor=has_second_factor)


def _prove_password(person: Person, password: str | None, counter: str) -> None:
    if password is None:
        raise Invalid([FieldError(field="password", message="is needed")])
    connections.check_way(person.get("email"))
    number = limits.attempts().reserve(counter)
    password_row = accounts.credentials().password(person["id"])
    fits = not limits.is_beyond(number) and passwords.fits(
        password_row["hash"] if password_row else None, password
    )
    if not fits:
        raise Unauthenticated("the password is wrong")
    limits.attempts().clear(counter)
