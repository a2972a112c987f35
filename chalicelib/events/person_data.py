"""The data of the events of a person, as the catalog has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field

from chalicelib.events.countable import AGE_BANDS
from chalicelib.profile.fields import EDITED, FIELDS, IN_EVENTS, IN_PREVIOUS
from chalicelib.profile.models import in_event, in_previous, with_fields

if TYPE_CHECKING:
    EditedField = str
    AgeBand = str
else:
    EditedField = Literal[EDITED]
    AgeBand = Literal[AGE_BANDS]


class Data(BaseModel):
    """Fields may be added within a version, so the schemas allow for ones that a consumer does not know yet."""


@with_fields(IN_EVENTS, in_event)
class Person(Data):
    """A person after the change. What they have not given is left out."""


class LegacyHash(Data):
    """The kind of hash that the person's password has from another system, before the change and after it; `elsewhere`
    where that system alone has the password."""

    before: str | None
    after: str | None


class AgeBands(Data):
    """The band of ages that the person was in before the change, and is in after it; null without an age."""

    before: AgeBand | None
    after: AgeBand | None


class Statuses(Data):
    """The person's status before the change and after it; null while they are active, or not there."""

    before: Literal["disabled"] | None
    after: Literal["disabled"] | None


class Countable(Data):
    """What changed of what can be counted; on the first event of a change alone."""

    legacy_hash: LegacyHash | None = Field(default=None, description="Only where it changed")
    age_band: AgeBands | None = Field(default=None, description="Only where it changed")
    status: Statuses | None = Field(default=None, description="Only where it changed")


@with_fields((name for name in FIELDS if name in IN_PREVIOUS), in_previous)
class _Before(Data):
    pass


class Previous(_Before):
    """What of the person changed, as it was before; null where there was nothing."""

    updated_at: str | None = Field(
        default=None,
        description="When the version before was written; absent where a reconciled event cannot tell",
    )


class OfPerson(Countable):
    user: Person
    previous: Previous | None = Field(
        default=None,
        description="Of a change; all events of one change have the same. Absent where the person is new",
    )


class PersonUpdated(OfPerson):
    changed: list[EditedField] = Field(
        description="Empty where nothing of the profile changed, or where a reconciled event cannot tell what did"
    )
    previous: Previous


class PreviousEmail(Previous):
    email: str | None


class EmailChanged(OfPerson):
    previous: PreviousEmail


class PreviousRoles(Previous):
    roles: list[str]


class RolesChanged(OfPerson):
    previous: PreviousRoles


class Identity(Data):
    """Who a person is at an identity provider."""

    id: str
    connection: str


class OfIdentity(OfPerson):
    identity: Identity


class OnlyId(Data):
    id: str


class PersonDeleted(Countable):
    """No personal data: the person is gone."""

    user: OnlyId
