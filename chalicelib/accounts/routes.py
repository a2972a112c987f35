"""The routes of accounts: registration, the caller's own account, and the administration of others."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chalice import Blueprint

from chalicelib.accounts import administration, model, own_account
from chalicelib.accounts.erasure_receipts import (
    Erasure,
    Receipt,
    erasure,
    receipt,
)
from chalicelib.accounts.mailed import email_change, invitations, password_resets, registration
from chalicelib.accounts.rows import person_of
from chalicelib.accounts.schemas import (
    Accepted,
    Confirmation,
    DirectoryUser,
    EmailOnly,
    Invitation,
    NewPassword,
    NewRoles,
    NewUser,
    PasswordChange,
    PersonPatch,
    ProfilePatch,
    TokenOnly,
    User,
)
from chalicelib.accounts.store import people
from chalicelib.core.http.routing import (
    ADMIN,
    ANYONE,
    PATCHES,
    SIGNED_IN,
    NoQuery,
    Proof,
    Reply,
    Request,
    declares,
)
from chalicelib.jobs import jobs
from chalicelib.profile.terms import agreed

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person

accounts = Blueprint(__name__)


@accounts.route("/users", methods=["POST"], content_types=[])
@declares(who=ANYONE, body=NewUser, answers={202: Accepted, 201: User})
def register(request: Request[NewUser, NoQuery]) -> Reply | Accepted:
    """Register: a mail brings the token that confirms the address."""
    fields = agreed(request.body.model_dump(exclude={"password"}, exclude_none=True))
    person = registration.register(fields, request.body.password, request.source_ip)
    return Accepted() if person is None else Reply(model.view(person), status=201, version=person["version"])


@accounts.route("/users/confirm", methods=["POST"], content_types=[])
@declares(who=ANYONE, body=Confirmation, answers={201: User})
def confirm(request: Request[Confirmation, NoQuery]) -> Reply:
    """Confirm a registration, with the mailed token and the password chosen then; or accept an invitation with one."""
    return _own_reply(registration.confirm(request.body.token, request.body.password, request.source_ip))


@accounts.route("/users/resend-confirmation", methods=["POST"], content_types=[])
@declares(who=ANYONE, body=EmailOnly, answers={202: Accepted})
def resend_confirmation(request: Request[EmailOnly, NoQuery]) -> Accepted:
    """Ask for the confirmation mail again."""
    registration.ask_again(request.body.email, request.source_ip)
    return Accepted()


@accounts.route("/password-resets", methods=["POST"], content_types=[])
@declares(who=ANYONE, body=EmailOnly, answers={202: Accepted})
def ask_for_reset(request: Request[EmailOnly, NoQuery]) -> Accepted:
    """Ask for a mail with which to choose a new password."""
    password_resets.ask(request.body.email, request.source_ip)
    return Accepted()


@accounts.route("/password-resets/confirm", methods=["POST"], content_types=[])
@declares(who=ANYONE, body=NewPassword, answers={204: None})
def reset_password(request: Request[NewPassword, NoQuery]) -> None:
    """Choose a new password with the mailed token; ends every session."""
    password_resets.confirm(request.body.token, request.body.password, request.source_ip)


@accounts.route("/me", methods=["GET", "HEAD"], content_types=[])
@declares(who=SIGNED_IN, answers={200: User, 304: None})
def read_me(request: Request[None, NoQuery]) -> Reply:
    """Read my account."""
    return _own_reply(person_of(request.caller))


@accounts.route("/me", methods=["PATCH"], content_types=[])
@declares(who=SIGNED_IN, body=ProfilePatch, answers={200: User}, media_types=PATCHES)
def change_me(request: Request[ProfilePatch, NoQuery]) -> Reply:
    """Change my profile by a JSON merge patch."""
    patch = request.body.model_dump(exclude_unset=True)
    return _own_reply(
        people().change(
            person_of(request.caller),
            lambda present: model.patched(present, patch),
            expected=request.expected_version(),
        )
    )


@accounts.route("/me", methods=["DELETE"], content_types=[])
@declares(who=SIGNED_IN, answers={202: Receipt}, proof=Proof.PERSON)
def remove_me(request: Request[None, NoQuery]) -> Receipt:
    """Delete my account: hidden at once, erased everywhere within the hour, as the receipt says."""
    return receipt(own_account.remove(person_of(request.caller), expected=request.expected_version()))


@accounts.route("/me/password", methods=["PUT"], content_types=[])
@declares(who=SIGNED_IN, body=PasswordChange, answers={204: None}, proof=Proof.PERSON)
def change_my_password(request: Request[PasswordChange, NoQuery]) -> Reply:
    """Change my password; ends my other sessions."""
    person = own_account.change_password(
        person_of(request.caller),
        request.body.current_password,
        request.body.new_password,
        session_id=request.caller.session_id,
        source_ip=request.source_ip,
        expected=request.expected_version(),
    )
    return Reply(version=person["version"])


@accounts.route("/me/email", methods=["PUT"], content_types=[])
@declares(who=SIGNED_IN, body=EmailOnly, answers={202: Accepted}, proof=Proof.PERSON)
def ask_for_email(request: Request[EmailOnly, NoQuery]) -> Accepted:
    """Ask for a mail with which to change my address to this one."""
    email_change.ask(
        person_of(request.caller), request.body.email, request.source_ip, expected=request.expected_version()
    )
    return Accepted()


@accounts.route("/me/email/confirm", methods=["POST"], content_types=[])
@declares(who=SIGNED_IN, body=TokenOnly, answers={200: User})
def change_my_email(request: Request[TokenOnly, NoQuery]) -> Reply:
    """Change my address with the mailed token; ends my other sessions."""
    caller = request.caller
    return _own_reply(email_change.confirm(person_of(caller), request.body.token, session_id=caller.session_id))


def _proof_for_invitation(invitation: Invitation) -> Proof:
    """The proof that an invitation needs: with roles, the caller must be a person (no OAuth client), and with the role
    `admin` they must have proved a second factor."""
    roles = invitation.roles or ()
    return Proof.SECOND_FACTOR if model.ADMIN in roles else Proof.PERSON if roles else Proof.RECENT


@accounts.route("/users/invite", methods=["POST"], content_types=[])
@declares(
    who=ADMIN,
    body=Invitation,
    answers={201: DirectoryUser, 200: DirectoryUser},
    idempotent=True,
    proof=Proof.RECENT,
    proof_for=_proof_for_invitation,
)
def invite(request: Request[Invitation, NoQuery]) -> Reply:
    """Invite somebody, or once more who has not come yet."""
    person, is_new = invitations.invite(request.body.model_dump(exclude_none=True))
    reply = _managed_reply(person)
    reply.status = 201 if is_new else 200
    return reply


@accounts.route("/users/{user_id}/invitation", methods=["POST"], content_types=[])
@declares(who=ADMIN, answers={200: DirectoryUser}, idempotent=True, proof=Proof.RECENT)
def invite_again(request: Request[None, NoQuery], user_id: str) -> Reply:
    """Mail a person's invitation again, who has not come yet; the mail before is void."""
    return _managed_reply(invitations.invite_again(user_id, expected=request.expected_version()))


@accounts.route("/users/{user_id}/password-reset", methods=["POST"], content_types=[])
@declares(who=ADMIN, answers={202: Accepted}, idempotent=True, proof=Proof.RECENT)
def ask_for_reset_of(request: Request[None, NoQuery], user_id: str) -> Accepted:
    """Mail a person what they need to choose a new password, as if they had asked for it."""
    password_resets.ask_for(user_id, request.source_ip)
    return Accepted()


@accounts.route("/users/{user_id}", methods=["PATCH"], content_types=[])
@declares(who=ADMIN, body=PersonPatch, answers={200: DirectoryUser}, media_types=PATCHES, proof=Proof.RECENT)
def change_user(request: Request[PersonPatch, NoQuery], user_id: str) -> Reply:
    """Change a person's profile or metadata by a JSON merge patch."""
    patch = request.body.model_dump(exclude_unset=True)
    return _managed_reply(
        people().change(
            people().get(user_id),
            lambda present: model.patched(present, patch),
            expected=request.expected_version(),
        )
    )


@accounts.route("/users/{user_id}", methods=["DELETE"], content_types=[])
@declares(who=ADMIN, answers={202: Receipt}, proof=Proof.RECENT)
def remove_user(request: Request[None, NoQuery], user_id: str) -> Receipt:
    """Delete a person: hidden at once, erased everywhere within the hour, as the receipt says."""
    expected = request.expected_version()
    return receipt(administration.remove(request.caller.id, user_id, expected=expected))


@accounts.route("/erasures/{erasure_id}", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, answers={200: Erasure, 304: None})
def read_erasure(_request: Request[None, NoQuery], erasure_id: str) -> Reply:
    """See how far the erasure of a deleted person is, by the id of the receipt."""
    job = jobs().get(erasure_id, "erasure")
    return Reply(erasure(job), version=job["version"])


@accounts.route("/users/{user_id}/roles", methods=["PUT"], content_types=[])
@declares(who=ADMIN, body=NewRoles, answers={200: DirectoryUser}, proof=Proof.PERSON)
def set_roles(request: Request[NewRoles, NoQuery], user_id: str) -> Reply:
    """Give a person these roles and no others.

    Who becomes an administrator by it does so by somebody who proved a second factor.
    """
    return _managed_reply(
        administration.set_roles(
            request.caller.id,
            user_id,
            request.body.roles,
            expected=request.expected_version(),
            granting=partial(request.caller.require, Proof.SECOND_FACTOR),
        )
    )


@accounts.route("/users/{user_id}/disable", methods=["POST"], content_types=[])
@declares(who=ADMIN, answers={200: DirectoryUser}, proof=Proof.RECENT)
def disable_user(request: Request[None, NoQuery], user_id: str) -> Reply:
    """Keep a person out; ends their sessions."""
    return _managed_reply(administration.disable(request.caller.id, user_id, expected=request.expected_version()))


@accounts.route("/users/{user_id}/enable", methods=["POST"], content_types=[])
@declares(who=ADMIN, answers={200: DirectoryUser}, proof=Proof.RECENT)
def enable_user(request: Request[None, NoQuery], user_id: str) -> Reply:
    """Let a person in again.

    Who is an administrator again by it is so by somebody who proved a second factor.
    """
    granting = partial(request.caller.require, Proof.SECOND_FACTOR)
    return _managed_reply(administration.enable(user_id, expected=request.expected_version(), granting=granting))


def _own_reply(person: Person) -> Reply:
    return Reply(model.view(person), version=person["version"])


def _managed_reply(person: Person) -> Reply:
    return Reply(model.view(person, with_metadata=True), version=person["version"])
