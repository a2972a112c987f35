"""People who use the deployed stage as its users do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cloud.stage import DeployedStage
    from tools.api import Api

PASSWORD = "correct horse battery"


def register(deployed: DeployedStage, email: str, **fields: object) -> Api:
    """Register, read the mail, confirm and sign in: the API as that person."""
    asked = deployed.anyone.call("POST", "/users", {"email": email, "password": PASSWORD, **fields})
    assert asked.status == 202, asked.body
    code = re.search(r"^Code: (\S+)$", deployed.mail_to(email, containing="Code: "), re.MULTILINE)
    assert code is not None
    confirmed = deployed.anyone.call("POST", "/users/confirm", {"token": code[1], "password": PASSWORD})
    assert confirmed.status == 201, confirmed.body
    return deployed.anyone.signed_in(email, PASSWORD)


def recent_administrator(deployed: DeployedStage, email: str = "clients-admin@example.com") -> Api:
    """An administrator who signed in just now: the stage's own did so when it began."""
    person = register(deployed, email)
    user_id = person.call("GET", "/me").body["id"]
    assert deployed.strong_admin.call("PUT", f"/users/{user_id}/roles", {"roles": ["admin"]}).status == 200
    return deployed.anyone.signed_in(email, PASSWORD)
