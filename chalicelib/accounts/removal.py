"""A person goes: hidden and signed out at once, erased everywhere by a job that runs after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.accounts.attempts import attempts
from chalicelib.accounts.intent_store import intents
from chalicelib.accounts.model import account_of
from chalicelib.accounts.store import check_version, people
from chalicelib.core import ids
from chalicelib.jobs import jobs, queue_page

if TYPE_CHECKING:
    from chalicelib.accounts.store import Also
    from chalicelib.core.dynamo import Action, Item

UNDECIDED_SECONDS = 30
"""By then the transaction is through or refused: API Gateway gives a request 29 seconds."""

FIRST_PAGE = {"table": "sessions"}


def remove(person: Item, *, expected: int | None = None, also: Also = lambda _: ()) -> None:
    """Remove a person: their credentials, address and waiting requests go with them, in one transaction that also
    makes the job which erases the rest.

    The job's first page is queued before, and comes after: so a crash can leave a page without a job, which does
    nothing, but never a job that nobody runs. What refuses the removal at once queues nothing. Raises what
    `People.change` does.
    """
    check_version(person, expected)
    also(person)
    job_id = ids.new_id()
    queue_page(job_id, "erasure", FIRST_PAGE, UNDECIDED_SECONDS)

    def with_the_person(present: Item) -> list[Action]:
        return [
            *also(present),
            *intents().forgetting(present["id"], present.get("email_key")),
            attempts().clearing(account_of(present)),
            jobs().creating("erasure", job_id, subject=present["id"]),
        ]

    people().remove(person, with_the_person, expected=expected)
