"""Check a password that a person chooses: by the rules, by their own words and factors, and by known breaches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.accounts import model
from chalicelib.core.errors import FieldError, Invalid, field_error
from chalicelib.core.settings import settings
from chalicelib.passwords import breaches, policy

if TYPE_CHECKING:
    from collections.abc import Mapping


def choose(password: str, person: Mapping[str, Any], field: str = "password") -> str:
    """The password in the form that is hashed, if this person, or future person, may have it.

    With a second factor it may be shorter (NIST SP 800-63B-4, section 3.1.1.2). This may call another service, which
    takes up to two seconds. Raises Invalid, which names the `field` of the request.
    """
    return unbreached(check(password, person, field), field)


def unbreached(text: str, field: str = "password") -> str:
    """The second part of `choose`: the search in breaches, for a password that `check` returned, or that was checked
    like that as it came in."""
    if breaches.is_known(text):
        message = "was found in a breach of some other service: choose another one"
        raise Invalid([FieldError(field=field, message=message, code="breached")])
    return text


def check(password: str, person: Mapping[str, Any], field: str = "password") -> str:
    """The first part of `choose`: the checks that need no call to another service. They take a fraction of the time of
    a hash."""
    with_factor = settings().password_min_length_with_factor if person.get("factors") else None
    try:
        return policy.check_new(password, model.own_words(person), with_factor)
    except ValueError as error:
        raise Invalid([field_error(field, error)]) from error
