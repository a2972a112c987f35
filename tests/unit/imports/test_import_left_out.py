"""What an import leaves out of a row is named, by the file's own names, whatever the system."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.imports.notes import NAMES, Note, Notes, shown
from chalicelib.imports.rows.chunk_lines import reference, referenced
from chalicelib.imports.systems import MODULES, SystemOptions, translator, values


def left_out(system: str, row: dict) -> list[str]:
    return sorted(note.name for note in translator(system, SystemOptions())(row).notes if note.kind == "left_out")


@pytest.mark.parametrize(
    ("system", "row", "names"),
    [
        ("Auth0", {"user_id": "a", "email": "a@b.example", "phone_number": "+1", "last_ip": "::1", "logins_count": 0,
                   "nickname": "", "identities": [{"provider": "github", "user_id": 7, "access_token": "s",
                                                   "profileData": {"email": "a@b.example", "name": "A"}}]},
         ["identities.access_token", "identities.profileData.name", "last_ip", "logins_count", "phone_number"]),
        ("Auth0", {"user_id": "an id of ours has no blank"}, ["user_id"]),
        ("Firebase", {"localId": "a", "createdAt": "1", "providerUserInfo": [
            {"providerId": "google.com", "rawId": "7", "displayName": "A"}]},
         ["createdAt", "providerUserInfo.displayName"]),
        ("Kratos", {"id": "a", "schema_id": "default", "traits": {"email": "a@b.example", "phone": "+1"},
                    "recovery_addresses": [{"value": "a@b.example"}], "metadata_public": {"a": {"b": 1}},
                    "credentials": {"password": {"identifiers": ["a"], "config": {"use_password_migration_hook": True}},
                                    "oidc": {"config": {"providers": [{"provider": "x", "subject": "7",
                                                                       "initial_id_token": "s"}]}}}},
         ["credentials.oidc.config.providers.initial_id_token",
          "credentials.password.config.use_password_migration_hook", "recovery_addresses", "schema_id"]),
        ("Cognito", {"cognito:username": "a", "email": "a@b.example", "custom:x": "1", "phone_number_verified": "true",
                     "updated_at": "1"}, ["phone_number_verified", "updated_at"]),
    ],
)  # fmt: skip
def test_members_that_nobody_asks_for_are_named(system, row, names):
    assert left_out(system, row) == names


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
)


@given(st.sampled_from(sorted(MODULES.keys() - {"Rollcall", "Mapped"})), JSON)
def test_a_member_that_no_system_has_is_named_or_goes_to_the_metadata(system, value):
    is_no = isinstance(value, bool | str) and values.truth(value) is False
    says_something = value not in (None, "", {}, []) and not is_no
    taken = translator(system, SystemOptions())({"zz_unknown": value}).row.get("metadata", {})
    assert ("zz_unknown" in left_out(system, {"zz_unknown": value})) == (
        says_something and "zz_unknown" not in taken
    )


def test_notes_are_counted_by_row_and_bounded():
    notes = Notes()
    notes.add([Note("left_out", "phone"), Note("left_out", "phone"), Note("changed", "name")])
    notes.add([Note("left_out", "phone")])
    for number in range(3 * NAMES):
        notes.add([Note("left_out", f"{number}\n\u202e")])
    again = Notes()
    again.add_stored(notes.stored())
    assert again.stored() == notes.stored()
    told = shown(notes.stored())
    assert told[:3] == [
        {"kind": "changed", "name": "name", "rows": 1},
        {"kind": "left_out", "name": "others", "rows": 2 * NAMES + 2},
        {"kind": "left_out", "name": "phone", "rows": 2},
    ]
    assert len(told) == NAMES + 1
    assert all(str(note["name"]).isprintable() for note in told)


@given(st.integers(1, 10**6), st.integers(1, 10**7))
def test_references_are_read_in_their_present_and_their_former_form(chunk, number):
    assert referenced(reference(chunk, number)) == referenced(f"{chunk}-{number}") == (chunk, number)


@pytest.mark.parametrize("ref", [None, 7, "", "1", "1-", "-1", "1-2-3", "row 1", "Jan 2", "01/02/2026"])
def test_what_is_no_reference_names_no_row(ref):
    assert referenced(ref) == (0, 0)


LOADED = """
import sys
from chalicelib.imports.systems import SystemOptions, translator
translator({system!r}, SystemOptions())({{}})
print(sorted(name.rpartition(".")[2] for name in sys.modules if name.startswith("chalicelib.imports.systems.")))
"""


@pytest.mark.slow
@pytest.mark.parametrize("system", ["Rollcall", "Kratos"])
def test_a_reader_of_one_system_loads_no_other(system):
    program = [sys.executable, "-c", LOADED.format(system=system)]
    loaded = set(eval(subprocess.run(program, capture_output=True, check=True, text=True).stdout))
    assert loaded & set(MODULES.values()) == {MODULES[system]}


def test_every_system_has_a_module_of_its_own():
    assert all(one != other for one, other in pairwise(sorted(MODULES.values())))
