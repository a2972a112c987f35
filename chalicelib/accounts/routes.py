"""Accounts over HTTP: becoming a person, one's own account, and the directory."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chalicelib.accounts import (
    administration,
    email_change,
    invitations,
    model,
    own_account,
    password_resets,
    registration,
)
from chalicelib.accounts.directory import Wanted, directory
from chalicelib.accounts.erasure_receipts import (
    Erasure,
    Receipt,
    erasure,
    receipt,
)
from chalicelib.accounts.schemas import (
    Accepted,
    Confirmation,
    DirectoryQuery,
    DirectoryUser,
    EmailOnly,
    Invitation,
    NewPassword,
    NewRoles,
    NewUser,
    PasswordChange,
    PersonPatch,
    PersonQuery,
    ProfilePatch,
    TokenOnly,
    User,
    UserList,
)
from chalicelib.accounts.store import people
from chalicelib.core.http import cursors
from chalicelib.core.http.declarations import (
    ADMIN,
    ANYONE,
    SIGNED_IN,
    SUPPORT,
    NoQuery,
    Reply,
    Request,
    Routes,
    listing,
)
from chalicelib.core.http.step_up import Proof
from chalicelib.directory.person_at import person_at
from chalicelib.jobs import jobs
from chalicelib.profile import visibility
from chalicelib.profile.email_keys import email_key

if TYPE_CHECKING:
    from chalicelib.core.aws.dynamo import Item

routes = Routes("accounts")


@routes.post("/users", who=ANYONE, body=NewUser, returns=Accepted, status=202)
def register(request: Request[NewUser, NoQuery]) -> Reply | Accepted:
    """Register: a mail brings the token that confirms the address."""
    fields = request.body.model_dump(exclude={"password"}, exclude_none=True)
    person = registration.register(fields, request.body.password, request.source_ip)
    return Accepted() if person is None else Reply(model.view(person), status=201, version=person["version"])


@routes.post("/users/confirm", who=ANYONE, body=Confirmation, returns=User, status=201)
def confirm(request: Request[Confirmation, NoQuery]) -> Reply:
    """Confirm a registration, with the mailed token and the password chosen then; or accept an invitation with one."""
    return _own(registration.confirm(request.body.token, request.body.password, request.source_ip))


@routes.post("/users/resend-confirmation", who=ANYONE, body=EmailOnly, returns=Accepted, status=202)
def resend_confirmation(request: Request[EmailOnly, NoQuery]) -> Accepted:
    """Ask for the confirmation mail again."""
    registration.ask_again(request.body.email, request.source_ip)
    return Accepted()


@routes.post("/password-resets", who=ANYONE, body=EmailOnly, returns=Accepted, status=202)
def ask_for_reset(request: Request[EmailOnly, NoQuery]) -> Accepted:
    """Ask for a mail with which to choose a new password."""
    password_resets.ask(request.body.email, request.source_ip)
    return Accepted()


@routes.post("/password-resets/confirm", who=ANYONE, body=NewPassword, status=204)
def reset_password(request: Request[NewPassword, NoQuery]) -> None:
    """Choose a new password with the mailed token; ends every session."""
    password_resets.confirm(request.body.token, request.body.password, request.source_ip)


@routes.get("/me", who=SIGNED_IN, returns=User)
def read_me(request: Request[None, NoQuery]) -> Reply:
    """Read my account."""
    return _own(request.caller.user)


@routes.patch("/me", who=SIGNED_IN, body=ProfilePatch, returns=User)
def change_me(request: Request[ProfilePatch, NoQuery]) -> Reply:
    """Change my profile by a JSON merge patch."""
    patch = request.body.model_dump(exclude_unset=True)
    return _own(
        people().change(
            request.caller.user,
            lambda present: model.patched(present, patch),
            expected=request.expected_version(),
        )
    )


@routes.delete("/me", who=SIGNED_IN, returns=Receipt, status=202, proof=Proof.PERSON)
def remove_me(request: Request[None, NoQuery]) -> Receipt:
    """Delete my account: hidden at once, erased everywhere within the hour, as the receipt says."""
    return receipt(own_account.remove(request.caller.user, expected=request.expected_version()))


@routes.put("/me/password", who=SIGNED_IN, body=PasswordChange, status=204, proof=Proof.PERSON)
def change_my_password(request: Request[PasswordChange, NoQuery]) -> Reply:
    """Change my password; ends my other sessions."""
    person = own_account.change_password(
        request.caller.user,
        request.body.current_password,
        request.body.new_password,
        session_id=request.caller.session_id,
        source_ip=request.source_ip,
        expected=request.expected_version(),
    )
    return Reply(version=person["version"])


@routes.put("/me/email", who=SIGNED_IN, body=EmailOnly, returns=Accepted, status=202, proof=Proof.PERSON)
def ask_for_email(request: Request[EmailOnly, NoQuery]) -> Accepted:
    """Ask for a mail with which to change my address to this one."""
    email_change.ask(
        request.caller.user, request.body.email, request.source_ip, expected=request.expected_version()
    )
    return Accepted()


@routes.post("/me/email/confirm", who=SIGNED_IN, body=TokenOnly, returns=User)
def change_my_email(request: Request[TokenOnly, NoQuery]) -> Reply:
    """Change my address with the mailed token; ends my other sessions."""
    caller = request.caller
    return _own(email_change.confirm(caller.user, request.body.token, session_id=caller.session_id))


def _inviting(invitation: Invitation) -> Proof:
    """With roles only a person may, and with `admin` after proving a second factor."""
    roles = invitation.roles or ()
    return Proof.SECOND_FACTOR if model.ADMIN in roles else Proof.PERSON if roles else Proof.RECENT


@routes.post(
    "/users/invite",
    who=ADMIN,
    body=Invitation,
    returns=DirectoryUser,
    status=201,
    idempotent=True,
    proof=Proof.RECENT,
    proof_for=_inviting,
)
def invite(request: Request[Invitation, NoQuery]) -> Reply:
    """Invite somebody, or once more who has not come yet."""
    person, is_new = invitations.invite(request.body.model_dump(exclude_none=True))
    reply = _managed(person)
    reply.status = 201 if is_new else 200
    return reply


@routes.get("/users", who=SUPPORT, query=DirectoryQuery, returns=UserList)
def list_users(request: Request[None, DirectoryQuery]) -> dict[str, object]:
    """Find people by address, by the beginning of their name, by age, role or time of creation."""
    query = request.query
    filters = query.model_dump_json(exclude={"limit", "cursor"})
    binding = ("GET /users", filters, request.caller.id)
    wanted = Wanted(
        email_key=email_key(query.email) if query.email else None,
        name=query.name,
        youngest=query.min_age if query.age is None else query.age,
        oldest=query.max_age if query.age is None else query.age,
        role=query.role,
        since=query.created_after,
        before=query.created_before,
    )
    position = cursors.open_sealed(query.cursor, *binding) if query.cursor else None
    found, following = directory().page(wanted, query.limit, position)
    with_metadata = visibility.sees_all(request.caller.roles)
    return listing(
        [model.view(person, with_metadata=with_metadata) for person in found],
        cursors.seal(following, *binding) if following else None,
    )


@routes.get("/users/{user_id}", who=SUPPORT, query=PersonQuery, returns=DirectoryUser)
def read_user(request: Request[None, PersonQuery], user_id: str) -> Reply:
    """Read a person, as they are or as they were at a time."""
    moment = request.query.at
    person = person_at(user_id, moment) if moment else people().get(user_id)
    return Reply(
        model.view(person, with_metadata=visibility.sees_all(request.caller.roles)), version=person["version"]
    )


@routes.patch("/users/{user_id}", who=ADMIN, body=PersonPatch, returns=DirectoryUser, proof=Proof.RECENT)
def change_user(request: Request[PersonPatch, NoQuery], user_id: str) -> Reply:
    """Change a person's profile or metadata by a JSON merge patch."""
    patch = request.body.model_dump(exclude_unset=True)
    return _managed(
        people().change(
            people().get(user_id),
            lambda present: model.patched(present, patch),
            expected=request.expected_version(),
        )
    )


@routes.delete("/users/{user_id}", who=ADMIN, returns=Receipt, status=202, proof=Proof.RECENT)
def remove_user(request: Request[None, NoQuery], user_id: str) -> Receipt:
    """Delete a person: hidden at once, erased everywhere within the hour, as the receipt says."""
    expected = request.expected_version()
    return receipt(administration.remove(request.caller.id, user_id, expected=expected))


@routes.get("/erasures/{erasure_id}", who=ADMIN, returns=Erasure)
def read_erasure(_request: Request[None, NoQuery], erasure_id: str) -> Reply:
    """See how far the erasure of a deleted person is, by the id of the receipt."""
    job = jobs().get(erasure_id, "erasure")
    return Reply(erasure(job), version=job["version"])


@routes.put("/users/{user_id}/roles", who=ADMIN, body=NewRoles, returns=DirectoryUser, proof=Proof.PERSON)
def set_roles(request: Request[NewRoles, NoQuery], user_id: str) -> Reply:
    """Give a person these roles and no others.

    Who becomes an administrator by it does so by somebody who proved a second factor.
    """
    return _managed(
        administration.set_roles(
            request.caller.id,
            user_id,
            request.body.roles,
            expected=request.expected_version(),
            granting=partial(request.caller.require, Proof.SECOND_FACTOR),
        )
    )


@routes.post("/users/{user_id}/disable", who=ADMIN, returns=DirectoryUser, proof=Proof.RECENT)
def disable_user(request: Request[None, NoQuery], user_id: str) -> Reply:
    """Keep a person out; ends their sessions."""
    return _managed(administration.disable(request.caller.id, user_id, expected=request.expected_version()))


@routes.post("/users/{user_id}/enable", who=ADMIN, returns=DirectoryUser, proof=Proof.RECENT)
def enable_user(request: Request[None, NoQuery], user_id: str) -> Reply:
    """Let a person in again.

    Who is an administrator again by it is so by somebody who proved a second factor.
    """
    granting = partial(request.caller.require, Proof.SECOND_FACTOR)
    return _managed(administration.enable(user_id, expected=request.expected_version(), granting=granting))


def _own(person: Item) -> Reply:
    return Reply(model.view(person), version=person["version"])


def _managed(person: Item) -> Reply:
    return Reply(model.view(person, with_metadata=True), version=person["version"])
