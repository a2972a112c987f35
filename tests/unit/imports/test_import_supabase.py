"""Supabase's people, member by member, in each form of its files."""

from __future__ import annotations

import csv
import io
import json

import pytest

from chalicelib.imports.formats import open_rows
from chalicelib.imports.systems import SystemOptions, translator

ADA = {
    "id": "3f1c8a1e-5b0d-4c52-9a53-0d2b6b7f1a01",
    "email": "ada@example.com",
    "encrypted_password": "$2a$10$kq9MfjMUXjXYQ.wPnT/M4OrDFhdhkTeiWSBVFMVSPgcZlTaDH5ZVu",
    "email_confirmed_at": "2024-03-05 10:11:12.123456+00",
    "raw_app_meta_data": {"provider": "email", "providers": ["email"], "plan": "pro"},
    "raw_user_meta_data": {"sub": "3f1c", "full_name": "Ada Lovelace", "avatar_url": "https://a.example/x"},
    "phone": "4915112345678",
    "is_anonymous": False,
    "is_sso_user": False,
    "identities": [{"provider": "google", "identity_data": {"sub": "114", "email": "ada@gmail.example"}}],
    "mfa_factors": [{"factor_type": "totp", "status": "verified", "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}],
}
EXPECTED = {
    "id": ADA["id"],
    "email": "ada@example.com",
    "email_verified": True,
    "name": "Ada Lovelace",
    "attributes": {"picture": "https://a.example/x", "phone_number": "+4915112345678"},
    "metadata": {"plan": "pro"},
    "identities": [{"connection": "google", "subject": "114", "kind": "google", "label": "ada@gmail.example"}],
    "totp_secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "password_hash": ADA["encrypted_password"],
}


def made(row: dict, **options: bool):
    return translator("Supabase", SystemOptions(**options))(row)


def as_psql(value: object) -> object:
    """A value as psql's CSV has it."""
    if isinstance(value, bool):
        return "t" if value else "f"
    return json.dumps(value) if isinstance(value, dict | list) else value


def as_dashboard(value: object) -> object:
    """A value as the dashboard's CSV has it."""
    return json.dumps(value, separators=(",", ":")) if isinstance(value, bool | dict | list) else value


def table(row: dict, cell) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([row, [cell(value) for value in row.values()]])
    return text.getvalue().encode()


@pytest.mark.parametrize(
    "data",
    [
        json.dumps([ADA]).encode(),
        json.dumps([ADA], indent=1).encode(),
        json.dumps(ADA).encode() + b"\n",
        json.dumps({"users": [ADA], "aud": "authenticated"}).encode(),
        table(ADA, as_psql),
        table(ADA, as_dashboard),
    ],
    ids=["array", "indented", "lines", "wrapped", "psql", "dashboard"],
)
def test_every_form_of_a_file_says_the_same(data):
    opened = open_rows(iter([data]), frozenset({"email", "id"}))
    (row,) = opened.rows
    translation = made(json.loads(row.text))
    assert (opened.system, translation.row, translation.faults) == ("Supabase", EXPECTED, [])
    assert {note.name for note in translation.notes} == {
        *(f"raw_app_meta_data.{name}" for name in ("provider", "providers")),
        "raw_user_meta_data.sub",
    }


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"email": ""}, {}),
        ({"email_confirmed_at": "", "confirmed_at": "2024-03-05"}, {}),
        ({"banned_until": "2124-03-05 10:11:12+00"}, {"status": "disabled"}),
        ({"banned_until": "2024-03-05 10:11:12+00"}, {}),
        ({"user_metadata": {"given_name": "Ada", "family_name": "King"}},
         {"name": "Ada King", "attributes": {"given_name": "Ada", "family_name": "King"}}),
        ({"user_metadata": {"name": "Ada", "display_name": "Countess"}},
         {"name": "Ada", "attributes": {"display_name": "Countess"}}),
        ({"user_metadata": {"locale": "en_GB", "birthdate": "10.12.1985"}},
         {"locale": "en-GB", "attributes": {"birthdate": "10.12.1985"}}),
        ({"app_metadata": {"roles": ["editor"]}}, {"metadata": {"roles": ["editor"]}}),
        ({"encrypted_password": "$2a$10$x"}, {}),
        ({"factors": [{"factor_type": "totp", "status": "verified"}, {"factor_type": "phone", "status": "verified"},
                      {"factor_type": "webauthn", "status": "unverified"}]},
         {"metadata": {"second_factors_left_behind": ["phone", "totp"]}}),
    ],
)  # fmt: skip
def test_members_become_fields(row, expected):
    translation = made(row)
    assert ({**translation.row, "email_verified": False}, translation.faults) == (
        {**expected, "email_verified": False},
        [],
    )


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        ({"provider": "github", "provider_id": "583231", "id": "8a3ad293"}, ("github", "583231", "github", None)),
        ({"provider": "github", "id": "583231"}, ("github", "583231", "github", None)),
        ({"provider": "azure", "identity_data": {"sub": "AAAA-x", "iss": "https://login.microsoftonline.com/t/v2.0"}},
         ("azure", "AAAA-x", "microsoft", "https://login.microsoftonline.com/t/v2.0")),
        ({"provider": "azure", "provider_id": "3f1c8a1e-5b0d-4c52-9a53-0d2b6b7f1a01"},
         ("azure", "3f1c8a1e-5b0d-4c52-9a53-0d2b6b7f1a01", "azure", None)),
        ({"provider": "custom:corp", "identity_data": {"sub": "c-1"}}, ("corp", "c-1", None, None)),
        ({"provider": "sso:8a3ad293", "identity_data": {"sub": "c-1"}}, ("sso:8a3ad293", "c-1", "saml", None)),
        ({"provider": "web3", "provider_id": "web3:solana:x"}, ("web3", "web3:solana:x", "saml", None)),
    ],
)  # fmt: skip
def test_an_identity_belongs_to_the_connection_of_its_provider(identity, expected):
    (entry,) = made({"identities": [{"provider": "email", "provider_id": "u"}, identity]}).row["identities"]
    assert tuple(entry.get(name) for name in ("connection", "subject", "kind", "issuer")) == expected


@pytest.mark.parametrize("member", [{"deleted_at": "2024-03-05T10:11:12Z"}, {"is_anonymous": "t"}])
def test_rows_of_nobody_are_named(member):
    assert [made({**ADA, **member}).nobody] == list(member)


def test_roles_of_the_project_become_roles_where_the_job_says_so():
    translation = made({"app_metadata": {"roles": ["Editor", "a b", 7], "plan": 1}}, groups_as_roles=True)
    assert (translation.row["roles"], translation.row["metadata"]) == (["editor"], {"plan": 1})
    assert [note.name for note in translation.notes] == ["app_metadata.roles"]


TOKENS = (
    "confirmation_token",
    "recovery_token",
    "email_change_token_new",
    "email_change_token_current",
    "phone_change_token",
    "reauthentication_token",
)


def test_no_token_goes_anywhere():
    translation = made({**ADA, **dict.fromkeys(TOKENS, "f00d")})
    assert "f00d" not in json.dumps(translation.row)
    assert {*TOKENS} <= {note.name for note in translation.notes}
