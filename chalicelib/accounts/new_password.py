"""Choosing a password: the rules, the person's own words and factors, and the passwords that were found in breaches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.accounts import model
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.settings import settings
from chalicelib.passwords import breaches, policy

if TYPE_CHECKING:
    from collections.abc import Mapping


def choose(password: str, person: Mapping[str, Any], field: str = "password") -> str:
    """The password as it is hashed, if this person, or who is to become one, may have it.

    With a second factor it may be shorter (NIST SP 800-63B-4, section 3.1.1.2). It may ask another service, which
    takes up to two seconds. Raises Invalid naming the request's field.
    """
    return unbreached(check(password, person, field), field)


def unbreached(text: str, field: str = "password") -> str:
    """The rest of `choose`, for a password that `check` gave."""
    if breaches.is_known(text):
        message = "was found in a breach of some other service: choose another one"
        raise Invalid([FieldError(field=field, message=message)])
    return text


def check(password: str, person: Mapping[str, Any], field: str = "password") -> str:
    """As much of `choose` as nobody has to be asked for: a fraction of what a hash costs."""
    with_factor = settings().password_min_length_with_factor if person.get("factors") else None
    try:
        return policy.check_new(password, model.own_words(person), with_factor)
    except ValueError as error:
        raise Invalid([FieldError(field=field, message=str(error))]) from error
