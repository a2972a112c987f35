"""Follows one event through everything that consumes events: each consumer says what it keeps of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import insights, mail, mail_delivery, webhooks
from chalicelib.jobs import jobs
from chalicelib.journeys.schemas import (
    AtWebhook,
    DeliveryOfEvent,
    EventOfJourney,
    InHistory,
    InMail,
    InStatistics,
    Journey,
    MailOfEvent,
    ReplayOfEvent,
)

if TYPE_CHECKING:
    from chalicelib.events import Event
    from chalicelib.events.rows import Kept
    from chalicelib.webhooks import rows as webhook_rows

REPLAYS = 100
"""The newest replays that are looked at."""


def journey_of(kept: Kept) -> Journey:
    """The journey of an event that history keeps: about seven reads, however many webhooks there are."""
    event = kept.event
    return Journey(
        event=EventOfJourney(**{name: event[name] for name in EventOfJourney.model_fields}),
        history=InHistory(state="recorded", at=kept.recorded_at, erased_at=kept.erased_at),
        statistics=_in_statistics(event),
        mail=_in_mail(event),
        webhooks=[_at_webhook(event, each) for each in webhooks.at_webhooks(event)],
        replays=_replays(kept),
    )


def _in_statistics(event: Event) -> InStatistics:
    counters = insights.counters_of(event)
    if not counters:
        return InStatistics(state="not_counted", counters=[], reason="it adds to no counter")
    if insights.was_counted(event):
        return InStatistics(state="counted", counters=counters, reason=None)
    if insights.is_forgotten(event):
        return InStatistics(state="unknown", counters=counters, reason="it was so long ago that no mark is left")
    return InStatistics(state="not_yet", counters=counters, reason="it waits, or is a dead letter")


def _in_mail(event: Event) -> InMail:
    reason = mail_delivery.why_no_mail(event)
    if reason:
        return InMail(state="no_mail", reason=reason, mails=[])
    mails = [
        MailOfEvent.model_validate({name: row[name] for name in MailOfEvent.model_fields})  # type: ignore[literal-required]
        for row in mail.mails_of_event(event["subject"], event["id"], event["time"])
    ]
    if mails:
        return InMail(state="mailed", reason=None, mails=mails)
    none_found = (
        "no mail names it: what it says is not so any more, another event of the change had the mail, it waits, or it "
        "was so long ago that no row is left"
    )
    return InMail(state="none_found", reason=none_found, mails=[])


def _at_webhook(event: Event, at: webhook_rows.AtWebhook) -> AtWebhook:
    webhook, row = at.webhook, at.delivery
    about: dict[str, Any] = {"webhook_id": webhook["id"], "url": webhook["url"], "enabled": webhook["enabled"]}
    if row is not None:
        delivery = DeliveryOfEvent.model_validate(row)
        return AtWebhook(**about, state=row["state"], reason=None, delivery=delivery)
    if not at.is_wanted:
        reason = "it does not ask for this type"
        return AtWebhook(**about, state="not_wanted", reason=reason, delivery=None)
    if event["time"] < webhook["created_at"]:
        reason = "it was created later"
    else:
        reason = (
            "it was disabled or asked for other types then, it waits, or it was so long ago that no row is left"
        )
    return AtWebhook(**about, state="none", reason=reason, delivery=None)


def _replays(kept: Kept) -> list[ReplayOfEvent]:
    return [
        ReplayOfEvent(
            id=job["id"],
            status=job["status"],
            webhook=job["options"]["webhook"],
            sent=job["position"] > kept.recorded_at,
            created_at=job["created_at"],
        )
        for job in jobs().listing("replay", limit=REPLAYS).items
        if _is_of(job["options"], kept)
    ]


def _is_of(options: dict[str, Any], kept: Kept) -> bool:
    types = options["types"]
    return options["from"] <= kept.recorded_at < options["to"] and (not types or kept.event["type"] in types)
