"""The ways to sign in: by password, by mailed code, by passkey. What fails says the same, whoever it was about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import accounts, factors
from chalicelib.core import clock
from chalicelib.core.errors import Unauthenticated
from chalicelib.sessions import failures, second_factors
from chalicelib.sessions.grants import begin

if TYPE_CHECKING:
    from chalicelib.core.dynamo import Item
    from chalicelib.sessions.grants import Client, Grant


def by_password(email: str, password: str, proof: factors.Proof, client: Client) -> Grant:
    """Begin a session with address and password, and a second factor where the person has one.

    The attempt is counted before anything is read or hashed, and forgotten when the session has begun: a right
    password without its factor counts like a wrong one. Raises Unauthenticated for an unknown address, a wrong
    password, a wrong code, a disabled person and one attempt too many alike, FactorRequired once the password is
    right, TooManyRequests where the address was tried too often or the client failed too often.
    """
    with failures.counted(client.source_ip):
        account = accounts.email_key(email)
        counter = client.device.counter if client.device else account
        number = accounts.attempts().reserve(counter)
        person, known = _person_and_password(account)
        if client.device and not client.device.is_of(person):
            counter, number = account, accounts.attempts().reserve(account)
        try:
            entitled = _entitled(person, known, password, number)
            second = second_factors.prove(entitled, proof, second_factors.behind_password(entitled, client.device))
        except Unauthenticated:
            if person and accounts.is_last(number):
                _tell_of_block(person)
            raise
        granted = begin(entitled, client, second_factor=second)
        accounts.attempts().clear(counter)
        if known and accounts.hash_is_replaceable(known["hash"], password):
            accounts.people().rehash(entitled, known, accounts.hash_password(password))
        return granted


def by_code(code: str, email: str | None, proof: factors.Proof, client: Client) -> Grant:
    """Begin a session with a mailed code: the one of the link alone, or the short one with its address.

    The code is used up only with the second factor, where the person has one. Raises what `by_password` does.
    """
    proved: list[bool] = []

    def admit(person: Item) -> None:
        row = second_factors.behind_mailbox(person, client.device)
        proved.append(second_factors.prove(person, proof, row))

    with failures.counted(client.source_ip):
        person = accounts.redeem_code(code, email, admit=admit)
        granted = begin(person, client, second_factor=any(proved))
        if any(proved):
            second_factors.forgive_password(person, client.device)
        return granted


def by_passkey(response: dict[str, Any], client: Client) -> Grant:
    """Begin a session with a passkey, which stands for two factors: what one has, and what one knows or is.

    Raises Unauthenticated for one that does not hold or whose person is gone or disabled.
    """
    with failures.counted(client.source_ip):
        person = accounts.people().find(factors.passkey_sign_in(response))
        if person is None or not accounts.is_active(person):
            raise Unauthenticated("the passkey does not hold, or no longer")
        return begin(person, client, second_factor=True)


def _entitled(person: Item | None, known: Item | None, password: str, number: int) -> Item:
    """The person, if the password is theirs and this attempt at it is not beyond the last."""
    fits = not accounts.is_beyond(number) and accounts.password_fits(known["hash"] if known else None, password)
    if person is None or known is None or not fits or not accounts.is_active(person):
        raise Unauthenticated("the address or the password is wrong")
    return person


def _tell_of_block(person: Item) -> None:
    """From now on the password alone lets nobody in: an event tells of it."""
    accounts.people().change(person, lambda _: {"blocked_at": clock.timestamp()})


def _person_and_password(account: str) -> tuple[Item | None, Item | None]:
    """Three reads, for an unknown address too. The person comes first: a session takes their version from here, so
    a password that is changed after this reading ends it."""
    person = accounts.people().find_by_email(account)
    return person, accounts.people().password(person["id"] if person else accounts.nobody(account))
