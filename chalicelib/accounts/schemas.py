"""What the routes of accounts take and give. The fields of a person come from their
table, `profile.fields`; what a route names itself stands here."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from chalicelib.accounts.model import folded_name, stands_alone
from chalicelib.core import clock
from chalicelib.core.http.models import ListQuery, Model, Moment, QueryModel
from chalicelib.core.settings import settings
from chalicelib.passwords import policy
from chalicelib.profile import rules
from chalicelib.profile.email_keys import LIMIT as EMAIL_LIMIT
from chalicelib.profile.email_keys import check as check_email
from chalicelib.profile.email_keys import written as check_written
from chalicelib.profile.fields import (
    EDITED,
    EDITED_BY_ADMINISTRATORS,
    EDITED_BY_OWNER,
    FOR_ADMINISTRATORS,
    SEEN_BY_OWNER,
)
from chalicelib.profile.models import given, patching, shown, shown_to_some, with_fields

NAME_LETTERS = 2
"""The shortest beginning of a name that can be looked for, but for one letter of Han, Hangul or Kana: it is the key of
an index."""

Email = Annotated[
    str,
    BeforeValidator(check_email),
    Field(max_length=EMAIL_LIMIT, json_schema_extra={"format": "email"}),
]
Roles = Annotated[list[str], BeforeValidator(rules.roles)]
KnownEmail = Annotated[
    str,
    BeforeValidator(check_written),
    Field(max_length=EMAIL_LIMIT, json_schema_extra={"format": "email"}),
]
"""An address that somebody may have who came when mail did not have to reach it: to find them by, never to mail to."""
Password = Annotated[str, Field(max_length=4 * policy.MAX_LENGTH, json_schema_extra={"format": "password"})]
"""A password to be checked. Whether one may be chosen is a further rule."""


def _long_enough(password: str) -> str:
    return policy.check_length(password, settings().password_min_length_with_factor)


ChosenPassword = Annotated[Password, AfterValidator(_long_enough)]
"""A password that somebody wants: its length is looked at here, and all that costs more once a limit was taken and the
token or the session is known (`accounts.new_password`), as is who may have a short one."""


class EmailOnly(Model):
    email: Email


@with_fields(EDITED_BY_OWNER, given)
class _Profile(EmailOnly):
    pass


class NewUser(_Profile):
    password: Password

    @field_validator("password")
    @classmethod
    def _not_their_own_words(cls, password: str, info: ValidationInfo) -> str:
        return policy.check_new(password, (info.data.get("email"), info.data.get("name")))


class TokenOnly(Model):
    token: Annotated[str, Field(max_length=500)]


@with_fields(EDITED, given)
class _Invitation(EmailOnly):
    pass


class Invitation(_Invitation):
    roles: Roles | None = None


class Confirmation(Model):
    token: Annotated[str, Field(max_length=500)]
    password: Password


class NewPassword(Model):
    token: Annotated[str, Field(max_length=500)]
    password: ChosenPassword


class PasswordChange(Model):
    current_password: Annotated[Password | None, Field(description="Needed where there is one")] = None
    new_password: ChosenPassword


@with_fields(EDITED_BY_OWNER, patching)
class ProfilePatch(Model):
    """A JSON merge patch (RFC 7396): what is absent stays, null takes away."""


@with_fields(EDITED_BY_ADMINISTRATORS, patching)
class PersonPatch(ProfilePatch):
    pass


class NewRoles(Model):
    roles: Roles


def _past(moment: str) -> str:
    if moment > clock.timestamp():
        raise ValueError("must not be in the future")
    return moment


class PersonQuery(QueryModel):
    at: (
        Annotated[
            Moment,
            AfterValidator(_past),
            Field(description="RFC 3339: as they were then, as far back as history is kept. Now if absent"),
        ]
        | None
    ) = None


class DirectoryQuery(ListQuery):
    """At least one filter; all that are given must hold."""

    email: KnownEmail | None = None
    name: Annotated[str, Field(max_length=rules.NAME_LIMIT)] | None = None
    age: Annotated[int, Field(ge=0, le=rules.AGE_LIMIT)] | None = None
    min_age: Annotated[int, Field(ge=0, le=rules.AGE_LIMIT)] | None = None
    max_age: Annotated[int, Field(ge=0, le=rules.AGE_LIMIT)] | None = None
    role: Annotated[str, Field(pattern=f"^{rules.ROLE.pattern}$")] | None = None
    created_after: Annotated[Moment, Field(description="RFC 3339, included")] | None = None
    created_before: Annotated[Moment, Field(description="RFC 3339, not included")] | None = None

    @field_validator("name")
    @classmethod
    def _long_enough(cls, name: str | None) -> str | None:
        folded = "" if name is None else folded_name(name)
        if name is not None and len(folded) < NAME_LETTERS and not (folded and stands_alone(folded)):
            raise ValueError(f"must begin with at least {NAME_LETTERS} letters of the name")
        return name

    @model_validator(mode="after")
    def _looks_for_something(self) -> Self:
        spans = (self.min_age, self.max_age)
        if self.age is not None and spans != (None, None):
            raise ValueError("age goes without min_age and max_age")
        if not self.model_dump(exclude={"limit", "cursor"}, exclude_none=True):
            raise ValueError(f"one of {', '.join(FILTERS)} is needed")
        if self.min_age is not None and self.max_age is not None and self.min_age > self.max_age:
            raise ValueError("min_age is above max_age")
        if self.created_after and self.created_before and self.created_after >= self.created_before:
            raise ValueError("created_after is not before created_before")
        return self


FILTERS = [name for name in DirectoryQuery.model_fields if name not in {"limit", "cursor"}]


class Accepted(BaseModel):
    """The same for every address, whatever is known of it."""

    status: Literal["accepted"] = "accepted"
    detail: str = "If there is something to do for this address, a mail is on its way."


@with_fields(SEEN_BY_OWNER, shown)
class User(BaseModel):
    pass


@with_fields(FOR_ADMINISTRATORS, shown_to_some)
class DirectoryUser(User):
    """`metadata` is shown to administrators only."""


class UserList(BaseModel):
    items: list[DirectoryUser]
    next: str | None
