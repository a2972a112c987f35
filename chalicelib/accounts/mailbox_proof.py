"""What follows from a proof that the caller reads a person's mailbox. This module does not call AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.accounts import model

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person


def proved_mailbox(person: Person) -> dict[str, Any]:
    """The changes after a proof that the caller reads the person's mailbox. They also accept an invitation, and end
    every session. If the person registered, the proof does not show that the same human wrote the profile. So no mail
    quotes the profile until the person has set their name. Nor does it show that identities at identity providers,
    linked before anybody had proved the mailbox, are that human's: a first proof unlinks them."""
    if person["email_verified"]:
        return {"email_verified": True, "invited_at": None, **model.ended_sessions(person)}
    may_be_of_another = person.get("source") in {"registration", "connection"}
    profile_mark = {"unproved_profile": True} if may_be_of_another else {}
    return {
        "email_verified": True,
        "invited_at": None,
        "identities": None,
        **profile_mark,
        **model.ended_sessions(person),
    }
