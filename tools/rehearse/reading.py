"""The secret of a read model's database: a copy of the owner's, under the name that the stage's functions read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from chalicelib.core.names import READ_MODEL_SECRET
from tools.rehearse.steps import Failed, Skipped, step

if TYPE_CHECKING:
    from tools.rehearse.context import Rehearsal
    from tools.rehearse.steps import Evidence

NOT_REHEARSED = "no database was named: --read-model-secret"


@step(needs=("template-is-valid",), look="docs/read-model.md, what the secret holds")
def a_database_is_named(rehearsal: Rehearsal) -> Evidence:
    """The functions find the database of the read model by its secret.

    The owner's secret is copied to the name that the stage's functions may read. The copy is deleted with the other
    secrets; the database and the owner's secret stay.
    """
    if not rehearsal.stage.read_model:
        raise Skipped(NOT_REHEARSED)
    secrets = rehearsal.client("secretsmanager")
    named = secrets.get_secret_value(SecretId=rehearsal.read_model_secret)["SecretString"]
    rehearsal.hide(named)
    has_authority = False
    if named.lstrip().startswith("{"):
        document = json.loads(named)
        rehearsal.hide(str(document.get("url")))
        has_authority = bool(document.get("ca"))
    elif not named.startswith("postgres"):
        raise Failed("the secret is neither a URL of PostgreSQL nor an object with one")
    secrets.create_secret(Name=rehearsal.names.of(READ_MODEL_SECRET), SecretString=named)
    return {"has_authority": has_authority, "in_a_network": "READ_MODEL_SUBNETS" in rehearsal.stage.settings}
