"""By which members the rows of each system are told. A set of members decides only where no other system, and no file
of our own, has all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from chalicelib.imports.columns import PERSON
from chalicelib.profile.fields import ONLY_HERE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Signature(NamedTuple):
    """A system, and the sets of members of which each one decides for it; where `among` has members, only in a row that
    has no others. In CSV, names count in any case."""

    system: str
    sets: tuple[frozenset[str], ...]
    among: frozenset[str] = frozenset()


def _sets(*sets: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(each.split(";" if ";" in each else None)) for each in sets)


SUPABASE = _sets(
    "encrypted_password raw_user_meta_data",
    "encrypted_password raw_app_meta_data",
    "raw_user_meta_data raw_app_meta_data",
    "instance_id aud",
)
"""Of its table `auth.users`, also where somebody selected some of its columns."""

DJANGO = _sets(
    "password is_superuser date_joined",
    "password is_superuser last_login",
    "password is_staff date_joined",
    "password is_active last_login",
)
"""Of its table `auth_user`, and of those of other models of people."""

_PEOPLE = "id name email email_verified image"
BETTER_AUTH_PLAIN = Signature(
    "better-auth",
    _sets("email_verified image created_at updated_at"),
    frozenset[str]().union(
        *_sets(
            f"{_PEOPLE} created_at updated_at two_factor_enabled role banned ban_reason ban_expires is_anonymous",
            "username display_username phone_number phone_number_verified",
        )
    ),
)
NEXT_AUTH_PLAIN = Signature("NextAuth", _sets("email_verified image"), *_sets(f"{_PEOPLE} accounts"))
"""Their tables of people with the names that Drizzle and TypeORM give the columns. These are anybody's words, so a row
with another column is none of theirs."""

OF_JSON = (
    Signature("Kratos", _sets("traits", "create")),
    Signature("Firebase", _sets("localId")),
    Signature("Auth0", _sets("user_id identities", "_id passwordHash tenant", "_id passwordHash connection")),
    Signature("Clerk", _sets("primary_email_address_id", "primaryEmailAddressId")),
    Signature("Cognito", _sets("Username Attributes", "Username UserAttributes", "Username UserStatus")),
    Signature("Django", (*_sets("model fields"), *DJANGO)),
    Signature(
        "Keycloak",
        _sets(
            "createdTimestamp username",
            "createdTimestamp enabled",
            "username enabled credentials",
            "federatedIdentities",
            "realmRoles",
            "serviceAccountClientId",
            "disableableCredentialTypes",
        ),
    ),
    Signature("Supabase", (*SUPABASE, *_sets("aud app_metadata", "aud user_metadata"))),
    Signature("FusionAuth", _sets("insertInstant", "encryptionScheme", "tenantId registrations")),
    Signature("Okta", _sets("profile credentials status", "profile statusChanged")),
    Signature("Entra ID", _sets("userPrincipalName")),
    Signature(
        "better-auth",
        _sets(
            "emailVerified image createdAt updatedAt",
            "emailVerified providerId accountId",
            "email_verified image created_at updated_at accounts",
            "email_verified provider_id account_id",
        ),
    ),
    BETTER_AUTH_PLAIN,
    Signature("NextAuth", _sets("emailVerified image", "emailVerified accounts", "providerAccountId email")),
    NEXT_AUTH_PLAIN,
)
"""The first one that fits a row decides."""

OF_CSV = (
    Signature(
        "Clerk", _sets("primary_email_address verified_email_addresses", "primary_email_address password_digest")
    ),
    Signature("Django", DJANGO),
    Signature("Supabase", SUPABASE),
    Signature("Okta", _sets("profile.login", "login secondemail firstname", "username;user id;primary email")),
    Signature("Entra ID", _sets("userprincipalname displayname")),
    Signature(
        "better-auth",
        _sets(
            "emailverified image createdat updatedat",
            "emailverified providerid accountid",
            "email_verified image created_at updated_at accounts",
            "email_verified provider_id account_id",
        ),
    ),
    BETTER_AUTH_PLAIN,
    Signature("NextAuth", _sets("emailverified image", "emailverified accounts")),
    NEXT_AUTH_PLAIN,
)
"""By the names of the header. Cognito's CSV and Firebase's are told by `formats`."""

AUTH0_ALONE = frozenset(
    {"app_metadata", "blocked", "custom_password_hash", "mfa_factors", "user_id", "user_metadata"}
)
"""Members that decide for Auth0 where no row has one that only our own rows have."""
OF_AUTH0 = AUTH0_ALONE.union(
    *_sets(
        "created_at email email_verified family_name given_name identities last_ip last_login last_password_reset",
        "locale logins_count multifactor name nickname password_hash phone_number phone_verified picture updated_at",
        "username",
    )
)
"""All members of Auth0's rows (https://auth0.com/docs/manage-users/user-migration/bulk-user-exports). Most of them are
claims of OpenID Connect, so one alone decides nothing."""

NAMED = (
    Signature("a MongoDB export", _sets("_id")),
    Signature(
        "a table of accounts, without the people", _sets("providerId accountId userId", "providerAccountId userId")
    ),
    Signature("a SCIM listing", _sets("schemas userName")),
    Signature("a table of WordPress", _sets("user_login user_pass")),
    Signature("a table of Laravel", _sets("email remember_token")),
    Signature("a table of Supabase's identities, without their people", _sets("identity_data provider_id")),
    Signature(
        "a table of Devise", _sets("encrypted_password sign_in_count", "encrypted_password reset_password_token")
    ),
)
"""Files that we can name, and that want a mapping."""

WITHOUT_PEOPLE = (
    Signature(
        "a realm of Keycloak without its people, as a partial export is: export it with its users",
        _sets("authenticationFlows components"),
    ),
)
"""Objects that we can name, by the arrays and objects in them, and that hold no people."""

OURS_ALONE = frozenset({*ONLY_HERE, "totp_secret"})
OUR_COLUMNS = frozenset(PERSON)


def system_of(rows: Sequence[frozenset[str]]) -> str | None:
    """The system of rows of JSON, by the names of their members. `Rollcall` where one of them could be a row of ours,
    or where there are none; None where each has members that no system's rows have."""
    for signature in OF_JSON:
        if any(_fits(row, signature) for row in rows):
            return signature.system
    members = frozenset[str]().union(*rows)
    if members & AUTH0_ALONE and not members & OURS_ALONE:
        return "Auth0"
    if not rows or any(row <= OUR_COLUMNS for row in rows):
        return "Rollcall"
    return "Auth0" if members <= OF_AUTH0 else None


def system_with_header(names: Iterable[str]) -> str | None:
    """The system whose CSV has columns of these names; None where it is none that we know."""
    header = frozenset(name.strip().casefold() for name in names)
    return next((signature.system for signature in OF_CSV if _fits(header, signature)), None)


def named_unknown(members: frozenset[str]) -> str | None:
    """What a file of no system that we know probably is."""
    return next((signature.system for signature in NAMED if _fits(members, signature)), None)


def without_people(members: frozenset[str]) -> str | None:
    """What an object without people is, by its members that hold others; None where it may be a row."""
    return next((signature.system for signature in WITHOUT_PEOPLE if _fits(members, signature)), None)


def _fits(members: frozenset[str], signature: Signature) -> bool:
    return any(each <= members for each in signature.sets) and (not signature.among or members <= signature.among)
