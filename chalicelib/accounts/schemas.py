"""The bodies of the requests and replies of accounts. The fields of a person are declared in `profile.fields`. This
module has the others."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
)

from chalicelib.core.http.models import Model
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
from chalicelib.profile.models import in_patch, in_reply, in_reply_to_some, in_request, with_fields
from chalicelib.profile.terms import Agreed  # noqa: TC001 - pydantic reads the type

Email = Annotated[
    str,
    BeforeValidator(check_email),
    Field(max_length=EMAIL_LIMIT, json_schema_extra={"format": "email"}),
]
Role = Annotated[str, Field(json_schema_extra={"pattern": f"^{rules.ROLE.pattern}$"})]
Roles = Annotated[
    list[Role], BeforeValidator(rules.roles), Field(json_schema_extra={"maxItems": rules.ROLES_LIMIT})
]
KnownEmail = Annotated[
    str,
    BeforeValidator(check_written),
    Field(max_length=EMAIL_LIMIT, json_schema_extra={"format": "email"}),
]
"""An email address that may break today's rules, because its owner came when mail did not have to reach it. It serves
to find a person, never to send mail to."""
Password = Annotated[str, Field(max_length=4 * policy.MAX_LENGTH, json_schema_extra={"format": "password"})]
"""A password that is only compared. `ChosenPassword` is for a new one."""


def _long_enough(password: str) -> str:
    return policy.check_length(password, settings().password_min_length_with_factor)


ChosenPassword = Annotated[Password, AfterValidator(_long_enough)]
"""A new password. Only its length is checked here. The slower checks, and whether the person may have a short one, come
in `accounts.new_password`: after a limit was counted, and the token or session was found valid."""


class EmailOnly(Model):
    email: Email


@with_fields(EDITED_BY_OWNER, in_request)
class _Profile(EmailOnly):
    pass


class NewUser(_Profile):
    password: Password
    terms_version: Agreed = None

    @field_validator("password")
    @classmethod
    def _not_their_own_words(cls, password: str, info: ValidationInfo) -> str:
        return policy.check_new(password, (info.data.get("email"), info.data.get("name")))


class TokenOnly(Model):
    token: Annotated[str, Field(max_length=500)]


@with_fields(EDITED, in_request)
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


@with_fields(EDITED_BY_OWNER, in_patch)
class ProfilePatch(Model):
    """A JSON merge patch (RFC 7396): what is absent stays, null takes away."""


@with_fields(EDITED_BY_ADMINISTRATORS, in_patch)
class PersonPatch(ProfilePatch):
    pass


class NewRoles(Model):
    roles: Roles


class Accepted(BaseModel):
    """The same for every address, whatever is known of it."""

    status: Literal["accepted"] = "accepted"
    detail: str = "If there is something to do for this address, a mail is on its way."


@with_fields(SEEN_BY_OWNER, in_reply)
class User(BaseModel):
    pass


@with_fields(FOR_ADMINISTRATORS, in_reply_to_some)
class DirectoryUser(User):
    """`metadata` is shown to administrators only."""
