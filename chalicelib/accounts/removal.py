"""Remove a person: they are hidden and signed out at once, and a job then erases their data everywhere.

The job's row is the receipt, and the record that the person was removed. It names the person by id only. It is kept
longer than any backup, so that the same erasure can run again after a restore.
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
"""After this time, no request or consumer that read the person before the removal can still write: API Gateway ends a
request after 29 seconds, and the consumers that read persons end after 30."""


def remove(person: Person, *, expected: int | None = None, also: Also = lambda _: NOTHING_ELSE) -> Job:
    """Remove a person, and return the job that erases the rest. One transaction removes the person, their password,
    their address lock and their waiting requests, and creates the job.

    The job's first page is queued before the transaction, with a delay, so it is received after it. So a crash can
    leave a page without a job, which does nothing, but never a job that nobody runs. If the version or `also` refuses
    the removal at the start, nothing is queued. Raises the same errors as `People.change`.
    """
    check_version(person, expected)
    also(person)
    job = jobs().new("erasure", ids.new_id(), subject=person["id"])
    queue_page(job["id"], "erasure", first_job_page(person), SETTLED_SECONDS)

    def further_actions(present: Person) -> dict[str, Action]:
        return together(also(present), _clear_requests(present), {"job": jobs().creating(job)})

    people().remove(person, job["id"], further_actions, expected=expected)
    return job


def erase_again(job_id: str, person: Person | None) -> bool:
    """Run an erasure again after a restore, under its own job. `person` is the row that `users` has now. Returns
    whether the restore had brought the person back. The job's pages erase whatever else came back. Raises Conflict if
    other requests keep changing the person."""
    is_back = records.is_live(person)
    queue_page(job_id, "erasure", first_job_page(person if is_back else None), SETTLED_SECONDS if is_back else 0)
    if person is not None and is_back:
        people().remove(person, job_id, _clear_requests)
    return is_back


def first_job_page(person: Person | None) -> dict[str, Any]:
    """The first page of an erasure's job. It has a digest of the email key, by which the requests made with that
    address are found."""
    return {"table": "credentials", **({"address": ids.digest_of(account_of(person))} if person else {})}


def erase_credentials(user_id: str) -> Erased:
    """Delete the password of a person who was removed. There is one only after a restore."""
    return Erased(credentials().delete_password(user_id), done=True)


def erase_intents(user_id: str, email_digest: str | None) -> Erased:
    """Delete up to a hundred of the requests that were made by the person, or with the email address of that digest."""
    return intents().erase([ids.digest_of(f"id:{user_id}"), *([email_digest] if email_digest else [])])


def _clear_requests(present: Person) -> dict[str, Action]:
    deleted_requests = intents().deleting_all(present["id"], present.get("email_key"))
    return {**deleted_requests, "attempts": attempts().clearing(account_of(present))}
