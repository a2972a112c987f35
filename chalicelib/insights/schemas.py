"""What the routes of statistics take and give."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from chalicelib.core.http.models import Moment, QueryModel


class InsightsQuery(QueryModel):
    since: Moment | None = Field(
        default=None,
        alias="from",
        description="RFC 3339, cut to its hour or day; 24 hours or 30 days before `to` if absent",
    )
    until: Moment | None = Field(default=None, alias="to", description="RFC 3339, not included; now if absent")
    by: Literal["hour", "day"] | None = Field(
        default=None,
        description="Of `range`: `hour`, for up to 7 of the last 35 days, or `day` (if absent), for up to 366",
    )


class SignInMethods(BaseModel):
    """Sign-ins by their first factor, where it is known."""

    password: int = 0
    mailed_code: int = 0
    passkey: int = 0
    connection: int = Field(default=0, description="At an identity provider")


class MailOutcomes(BaseModel):
    """What became of mails: a mail is in each outcome that it had."""

    sent: int = Field(default=0, description="SES took it")
    delivered: int = 0
    bounced: int = 0
    complained: int = 0
    rejected: int = Field(default=0, description="SES took it, and then found a virus")
    suppressed: int = Field(default=0, description="Not sent: the address had bounced or complained")
    expired: int = Field(default=0, description="Not sent: its time was over, or what it was about is gone")
    parked: int = Field(default=0, description="It cannot be sent; the request is in the dead-letter queue")


class WebhookOutcomes(BaseModel):
    """What became of attempts to deliver an event to a webhook."""

    delivered: int = 0
    failed: int = Field(default=0, description="There will be a next attempt")
    given_up: int = Field(default=0, description="It was the last one")


class Period(BaseModel):
    """What happened in a time, by the times of the events."""

    registrations: int = 0
    invitations: int = 0
    imports: int = 0
    confirmations: int = 0
    deletions: int = 0
    sign_ins: int = 0
    second_factors: int = Field(default=0, description="Sign-ins with a second factor, or a passkey")
    blocked_accounts: int = 0
    reused_tokens: int = 0
    password_resets: int = 0
    sign_in_methods: SignInMethods = SignInMethods()
    mails: MailOutcomes = MailOutcomes()
    webhooks: WebhookOutcomes = WebhookOutcomes()


class Day(Period):
    date: str = Field(description="YYYY-MM-DD")
    active_people: int = Field(default=0, description="People who signed in on that day")


class Month(Period):
    month: str = Field(description="YYYY-MM")
    active_people: int = Field(default=0, description="People who signed in in that month")


class Range(BaseModel):
    """The chosen range, hour by hour or day by day: a year has one name of each count, and 365 numbers."""

    start: str = Field(description="Of the first hour or day (UTC)")
    end: str = Field(description="Of the last hour or day, not included")
    by: Literal["hour", "day"]
    series: dict[str, list[int]] = Field(
        description="Each count by its name, such as `sign_ins` or `mails.sent`, from the first hour or day on."
        " `active_people` is by day alone"
    )


class AgeBand(BaseModel):
    years: str = Field(description="`0-9` to `90-99`, and `100+`")
    people: int


class Statuses(BaseModel):
    active: int
    disabled: int


class Statistics(BaseModel):
    """Counted from events, so a change is in it seconds after it was made."""

    users: int = Field(description="People there are now")
    statuses: Statuses
    ages: list[AgeBand] = Field(description="How many people have which age")
    ages_unknown: int = Field(
        description="People without an age, or whose age has not changed since before ages were counted"
    )
    legacy_hashes: dict[str, int] = Field(
        description="How many of them have a password hash of another system still, by its kind; `elsewhere`: a "
        "password that the old system alone has, which it is asked for at their first sign-in"
    )
    total: Period
    days: list[Day] = Field(description="The last 30, oldest first, the last of them today; none beside a range")
    months: list[Month] = Field(
        description="The last 12, oldest first, the last of them this one; none beside a range"
    )
    range: Range | None = Field(description="Where a parameter asks for one")


class Published(BaseModel):
    """The events that were published, as history has recorded them; it has all but replayed ones."""

    events: int
    complete: bool = Field(description="Whether that is all; else there were more")
    types: dict[str, int]


class Consumed(BaseModel):
    """What one consumer had. Its times are from an event to the consumer; of mails from the request to the outcome, of
    webhooks to the first attempt."""

    events: int = Field(description="How many of which the time is known")
    average_milliseconds: int | None
    longest_milliseconds: int | None = Field(description="Where it is kept: of history")
    late: int = Field(description="After more than a minute")
    outcomes: dict[str, int] = Field(description="How many of each outcome, also of those without a time")


class Consumers(BaseModel):
    history: Consumed
    insights: Consumed
    mail: Consumed
    webhooks: Consumed


class Flow(BaseModel):
    """What was published and consumed in the hour that runs and the one before it."""

    start: str
    end: str
    published: Published
    consumers: Consumers
