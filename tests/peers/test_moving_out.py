"""People move out with files that the importers of other systems take."""

from __future__ import annotations

import base64
import json

import pytest

from tests.peers.test_moving_in import HERE, firebase_tools, ran  # noqa: F401 - a fixture
from tests.unit.exports.files import BCRYPT, CEM, PEOPLE, exported

pytestmark = [pytest.mark.slow, pytest.mark.peers]


@pytest.mark.parametrize(
    ("hashes", "options", "sent"),
    [
        ("", {"hashAlgo": "BCRYPT"}, {"hashAlgorithm": "BCRYPT"}),
        (
            "SCRYPT --rounds=8 --mem-cost=14",
            {
                "hashAlgo": "SCRYPT",
                "rounds": "8",
                "memCost": "14",
                "hashKey": base64.b64encode(bytes(64)).decode(),
            },
            {"hashAlgorithm": "SCRYPT", "rounds": "8", "memoryCost": "14"},
        ),
        (
            "PBKDF2_SHA256 --rounds=29000",
            {"hashAlgo": "PBKDF2_SHA256", "rounds": "29000"},
            {"hashAlgorithm": "PBKDF2_SHA256", "rounds": "29000"},
        ),
    ],
)
def test_people_go_to_firebase(firebase_tools, tmp_path, hashes, options, sent):  # noqa: F811
    path = tmp_path / "users.json"
    path.write_bytes(exported("firebase", hashes=hashes)[0])
    importer = HERE / "firebase_tools" / "import.cjs"
    done = json.loads(ran("node", importer, firebase_tools, path, json.dumps(options)))
    (request,) = done["sent"]
    assert done["errors"] == []
    assert {name: request[name] for name in sent} == sent
    assert len(request["users"]) == (1 if hashes else len(PEOPLE))
    with_hashes = [user for user in request["users"] if "passwordHash" in user]
    assert len(with_hashes) == 1
    if not hashes:
        assert base64.urlsafe_b64decode(with_hashes[0]["passwordHash"]).decode() == BCRYPT
    if options["hashAlgo"] == "SCRYPT":
        assert with_hashes[0]["localId"] == CEM["id"]
