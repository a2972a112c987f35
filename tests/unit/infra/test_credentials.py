"""The table of all secrets of people: who may read or write which kind of its items."""

from __future__ import annotations

import re
from pathlib import Path

import chalicelib
from infra import policies
from infra.allow import CREDENTIALS
from infra.functions import FUNCTIONS
from infra.stage import load
from infra.tables import KINDS

CODE = Path(chalicelib.__file__).parent


def granted(stage: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Function, operation and leading keys of every grant on the table itself."""
    return [
        (function.name, action.removeprefix("dynamodb:"), allow.leading_keys)
        for function in FUNCTIONS
        for allow in policies.statements(load(stage), function)
        for action in allow.actions
        for resource in allow.resources
        if resource.endswith("-credentials")
    ]


def test_every_grant_names_the_kinds_of_items_that_it_is_about():
    assert [grant for grant in granted("prod") if not grant[2] or "*" in grant[2]] == []


def test_who_may_do_what_with_which_secrets():
    """A function that is not here has nothing to do with them."""
    kinds = {pattern: kind for kind, pattern in CREDENTIALS.items()}
    told: dict[str, dict[str, set[str]]] = {}
    for function, operation, keys in granted("prod"):
        told.setdefault(function, {}).setdefault(operation, set()).update(kinds[key] for key in keys)
    assert told.pop("api_handler")["GetItem"] == CREDENTIALS.keys() - {"mark"}
    assert told == {
        "on_intent": {"GetItem": {"address", "password"}},
        "on_job": {
            "DeleteItem": {"password", "factors", "passkey", "identities", "identity"},
            "GetItem": {"factors", "identities", "identity"},
        },
        "import_chunk": {
            "BatchGetItem": {"password", "factors", "connection"},
            "PutItem": {"address", "password", "factors", "identities", "identity"},
        },
        "export_segment": {"BatchGetItem": {"password", "factors", "identities"}},
        "reapply_erasures": {"DeleteItem": {"address", "password"}},
        "create_admin": {"GetItem": {"address", "password"}, "PutItem": {"address", "password", "mark"}},
    }


def test_a_rendered_policy_has_the_condition():
    (function,) = [function for function in FUNCTIONS if function.name == "export_segment"]
    found = [
        statement["Condition"]
        for statement in policies.document(load("prod"), function)["Statement"]
        if "Condition" in statement
    ]
    assert found == [
        {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["password#*", "factors#*", "identities#*"]}}
    ]


def test_every_kind_of_item_is_known():
    """By the keys that the stores of the table make."""
    stores = [
        CODE / "accounts/credential_store.py",
        CODE / "factors/store.py",
        CODE / "factors/model.py",
        CODE / "oauth/model.py",
        CODE / "connections/model.py",
        CODE / "identities/model.py",
    ]
    assert {pattern.removesuffix("*") for pattern in CREDENTIALS.values()} == set(KINDS["credentials"])
    made = {
        prefix
        for path in stores
        for prefix in re.findall(r'(?:return |"id": )\{?(?:"id": )?f"(\w+#)', path.read_text("utf-8"))
    }
    assert made == {pattern.removesuffix("*") for pattern in CREDENTIALS.values() if pattern.endswith("*")}
