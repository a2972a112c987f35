"""Django's people, member by member, from a dump and from a table."""

from __future__ import annotations

import pytest

from chalicelib.imports.systems import SystemOptions, translator

PERSON = {"password": "", "last_login": None, "is_superuser": False}


def made(row: dict, **options: bool):
    return translator("Django", SystemOptions(**options))(row)


def of_fields(**fields: object):
    return made({"model": "auth.user", "fields": {**PERSON, **fields}})


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"username": "ann@example.com"}, {"email": "ann@example.com"}),
        ({"username": "ann@example.com", "email_verified": "t"}, {"email": "ann@example.com"}),
        ({"username": "ann", "email": "a@b.example"}, {"email": "a@b.example", "attributes": {"username": "ann"}}),
        ({"first_name": "Ann", "last_name": "Poe"},
         {"name": "Ann Poe", "attributes": {"given_name": "Ann", "family_name": "Poe"}}),
        ({"name": "Ann Poe"}, {"name": "Ann Poe"}),
        ({"is_active": False}, {"status": "disabled"}),
        ({"is_active": "0"}, {"status": "disabled"}),
        ({"email": "a@b.example", "email_verified": "t"}, {"email": "a@b.example", "email_verified": True}),
        ({"date_of_birth": "1985-12-10", "language": "pt_BR", "mobile": "+1"},
         {"birthdate": "1985-12-10", "locale": "pt-BR", "attributes": {"phone_number": "+1"}}),
        ({"birthday": "10.12.1985"}, {"attributes": {"birthdate": "10.12.1985"}}),
        ({"plan": "gold", "seats": 3, "api_token": "x", "bio": "x" * 1001, "tags": ["a"], "company": None},
         {"metadata": {"plan": "gold", "seats": 3}}),
        ({"groups": [["Editors"], "Staff", 7]}, {"metadata": {"groups": ["Editors", "Staff"]}}),
        ({"email": "a@b.example", "emailaddress_set": [{"email": "A@b.example", "verified": True}]},
         {"email": "a@b.example", "email_verified": True}),
        ({"emailaddress_set": [{"email": "b@b.example"}, {"email": "a@b.example", "verified": True, "primary": True}]},
         {"email": "a@b.example", "email_verified": True}),
        ({"email": "a@b.example", "emailaddress_set": [{"email": "c@b.example", "verified": True}]},
         {"email": "a@b.example"}),
        ({"totpdevice_set": [{"key": "3132", "confirmed": False}, {"key": "3132", "digits": 8}]},
         {"metadata": {"second_factors_left_behind": ["totp"]}}),
        ({"totpdevice_set": [{"key": "3132333435363738393031323334353637383930", "step": 30}]},
         {"totp_secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}),
        ({"authenticator_set": [{"type": "totp", "data": {"secret": "A"}}, {"type": "totp", "data": {"secret": "B"}},
                                {"type": "webauthn", "data": {}}]},
         {"totp_secret": "A", "metadata": {"second_factors_left_behind": ["totp", "webauthn"]}}),
        ({"socialaccount_set": [{"provider": "Corp", "uid": "7"}, {"provider": "microsoft", "uid": "8"}]},
         {"identities": [{"connection": "corp", "subject": "7"},
                         {"connection": "microsoft", "subject": "8", "kind": "microsoft.com"}]}),
    ],
)  # fmt: skip
def test_fields_become_ours(fields, expected):
    translation = of_fields(**fields)
    assert (translation.row, translation.faults) == (expected, [])


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"pk": 7, "model": "auth.user", "fields": PERSON}, "7"),
        ({"pk": "3f1c8a1e-5b0d", "model": "people.member", "fields": PERSON}, "3f1c8a1e-5b0d"),
        ({"model": "auth.user", "fields": PERSON}, None),
        ({"id": "7", **PERSON}, "7"),
    ],
)
def test_a_key_is_the_id(row, expected):
    assert made(row).row.get("id") == expected


@pytest.mark.parametrize(
    ("row", "nobody"),
    [
        ({"model": "auth.group", "pk": 1, "fields": {"name": "Editors"}}, "auth.group"),
        (
            {"model": "wagtailcore.pageviewrestriction", "fields": {"password": "x"}},
            "wagtailcore.pageviewrestriction",
        ),
        ({"fields": {}}, "fields"),
        ({"model": "people.member", "fields": {"password": "", "last_login": None}}, ""),
    ],
)
def test_rows_of_other_models_are_nobody(row, nobody):
    translation = made(row)
    assert (translation.nobody, bool(nobody and translation.row)) == (nobody, False)


def test_groups_become_roles_where_the_job_says_so():
    row = {"model": "auth.user", "fields": {**PERSON, "groups": ["Editors", "Night shift"]}}
    translation = made(row, groups_as_roles=True)
    assert (translation.row, [note.name for note in translation.notes]) == (
        {"roles": ["editors"]},
        ["fields.groups"],
    )


def test_what_no_field_here_takes_is_named():
    notes = of_fields(is_superuser=True, is_staff=True, api_token="x", tags=["a"], groups=[1]).notes
    assert {note.name for note in notes} == {
        f"fields.{name}" for name in ("is_superuser", "is_staff", "api_token", "tags", "groups")
    }
