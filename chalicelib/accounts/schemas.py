"""What the routes of accounts take and give. The fields of a person come from their
table, `profile.fields`; what a route names itself stands here."""

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


@with_fields(EDITED_BY_OWNER, in_request)
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
