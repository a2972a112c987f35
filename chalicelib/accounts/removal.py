"""Removing a person: hidden and signed out at once, then erased everywhere by a job.

The job's row is the receipt, and the ledger: it names the person by id alone and outlives every backup, so that a
restore can be followed by the same erasure again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.accounts.credential_store import credentials
from chalicelib.accounts.model import account_of
from chalicelib.accounts.store import NOTHING_ELSE, check_version, people
from chalicelib.core import ids
from chalicelib.core.aws import records
from chalicelib.core.aws.dynamo import together
from chalicelib.core.erasure import Erased
from chalicelib.intents import intents
from chalicelib.jobs import jobs, queue_page
from chalicelib.limits import attempts

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person
    from chalicelib.accounts.store import Also
    from chalicelib.core.aws.dynamo import Action
    from chalicelib.jobs.rows import Job

SETTLED_SECONDS = 45
"""By then whoever read the person before has written what they were about to: API Gateway gives a request 29 seconds,
and the consumers that read persons have 30."""


def remove(person: Person, *, expected: int | None = None, also: Also = lambda _: NOTHING_ELSE) -> Job:
    """Remove a person: their credentials, address and waiting requests go with them, in one transaction that also
    makes the job which erases the rest, and is returned.

    The job's first page is queued before, and comes after: so a crash can leave a page without a job, which does
    nothing, but never a job that nobody runs. What refuses the removal at once queues nothing. Raises what
    `People.change` does.
    """
    check_version(person, expected)
    also(person)
    job = jobs().new("erasure", ids.new_id(), subject=person["id"])
    queue_page(job["id"], "erasure", first_job_page(person), SETTLED_SECONDS)

    def with_the_person(present: Person) -> dict[str, Action]:
        return together(also(present), _clear_requests(present), {"job": jobs().creating(job)})

    people().remove(person, job["id"], with_the_person, expected=expected)
    return job


def erase_again(job_id: str, person: Person | None) -> bool:
    """Run an erasure again, under its own job: whether the person, as `users` has them now, was back. Whatever else
    came back with a restore goes with the job's pages. Raises Conflict where others keep changing the person."""
    is_back = records.is_live(person)
    queue_page(job_id, "erasure", first_job_page(person if is_back else None), SETTLED_SECONDS if is_back else 0)
    if person is not None and is_back:
        people().remove(person, job_id, _clear_requests)
    return is_back


def first_job_page(person: Person | None) -> dict[str, Any]:
    """The page that an erasure begins with. It knows the address by a digest, which finds what was asked with it."""
    return {"table": "credentials", **({"address": ids.digest_of(account_of(person))} if person else {})}


def erase_credentials(user_id: str) -> Erased:
    """Delete the password of somebody who was removed, which comes back with a restore."""
    return Erased(credentials().delete_password(user_id), done=True)


def erase_intents(user_id: str, email_digest: str | None) -> Erased:
    """Delete up to a hundred of the requests that were made with the address of that digest, or by the person."""
    return intents().erase([ids.digest_of(f"id:{user_id}"), *([email_digest] if email_digest else [])])


def _clear_requests(present: Person) -> dict[str, Action]:
    waiting = intents().deleting_all(present["id"], present.get("email_key"))
    return {**waiting, "attempts": attempts().clearing(account_of(present))}
