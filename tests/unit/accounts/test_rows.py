"""A misspelt attribute of a row is an error of mypy's, wherever the row goes."""

from __future__ import annotations

import pytest
from mypy import api

WRONG = {
    "person = accounts.people().get('U1')\nperson['emial_key']": '"Person" has no key "emial_key"',
    "person = accounts.people().find_by_email('k')\nassert person\nperson['verison'] = 2": 'has no key "verison"',
    "known = accounts.credentials().password('U1')\nassert known\nknown['hsah']": '"Password" has no key "hsah"',
    "accounts.person_of(caller)['nmae']": '"Person" has no key "nmae"',
    "caller.user['email'].lower()": '"object" has no attribute "lower"',
    "accounts.new_person(source='admin', emial='a@x.example')": 'Unexpected keyword argument "emial"',
    "accounts.new_person(source='admin')['age'].lower()": '"int" has no attribute "lower"',
}
RIGHT = "person = accounts.people().get('U1')\nage: int = person['age']\nlock: str = person['email_key']"
BEFORE = "from chalicelib import accounts\nfrom chalicelib.core.http.requests import Caller\ncaller: Caller\n"


@pytest.mark.slow
def test_mypy_refuses_what_no_row_has(tmp_path):
    files = [tmp_path / f"wrong_{number}.py" for number in range(len(WRONG))]
    for path, code in zip(files, WRONG, strict=True):
        path.write_text(BEFORE + code + "\n", "utf-8")
    right = tmp_path / "right.py"
    right.write_text(BEFORE + RIGHT + "\n", "utf-8")
    told, _, _ = api.run(["--cache-dir", str(tmp_path / "cache"), *map(str, files), str(right)])
    for path, reason in zip(files, WRONG.values(), strict=True):
        assert [line for line in told.splitlines() if path.name in line and reason in line], told
    assert right.name not in told
