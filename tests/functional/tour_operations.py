"""The part of the tour in which an operator looks at the stage. What the two functions do for it is not the API's: they
answer with what they answered before, when nobody metered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chalicelib.core.aws import clients
from chalicelib.core.settings import settings
from chalicelib.operations.observation import observe
from chalicelib.operations.operating import operate
from tests.functional.operated import functions, measured

if TYPE_CHECKING:
    from tests.functional.tour import Tour, Traveller

LISTED = "/operations/dead-letters"


def travel(tour: Tour, administrator: Traveller) -> None:
    """Do once what there is to operate."""
    clients.send("items-dlq", '{"items": []}')
    tour.names |= {"queue": "items", "key_name": "app-keys"}
    with functions(rotate_app_keys=lambda _: None), measured({}):
        answers: list[tuple[dict[str, Any], Any]]
        answers = [(event, observe(event)) for event in ({"see": "figures"}, {"see": "keys"})]
        all_letters: dict[str, Any] = {"do": "list", "limit": 10}
        letters = operate({"do": "list", "queue": "items-dlq", "limit": 50})
        tour.names["letter_id"] = letter_id = letters["letters"][0]["id"]
        opened: dict[str, Any] = {"do": "open", "queue": "items-dlq", "id": letter_id}
        sent_back: dict[str, Any] = {"do": "redrive", "queue": "items-dlq", "ids": None, "most": None}
        answers += [({"do": "list", "queue": "items-dlq", "limit": 50}, letters)]
        answers += [(event, operate(event)) for event in (all_letters, opened, sent_back)]
        answers += [({"do": "rotate", "key": "app-keys"}, operate({"do": "rotate", "key": "app-keys"}))]
    tour.cloud.take("items")
    said = {json.dumps(event, sort_keys=True): answer for event, answer in answers}

    def answer(event: dict[str, Any]) -> Any:
        asked = {name: value for name, value in event.items() if name != "by"}
        return said[json.dumps(asked, sort_keys=True)]

    with functions(observe_stage=answer, operate_stage=answer):
        administrator.call("GET", "/operations")
        administrator.call("GET", "/operations/alarms")
        administrator.call("GET", "/operations/topology")
        administrator.call("GET", LISTED)
        administrator.call("GET", f"{LISTED}/{{queue}}")
        administrator.call("GET", f"{LISTED}/{{queue}}/{{letter_id}}")
        administrator.call("POST", f"{LISTED}/{{queue}}/redrive", {})
        administrator.call("GET", "/operations/keys")
        administrator.call("POST", "/operations/keys/{key_name}/rotate")
    nobody: dict[str, Any] = {"people": [], "next": None, "count": None}
    with functions(query_read_model=lambda _: nobody), settings.held(read_model="postgres"):
        administrator.call("GET", "/people/search?q=ada")
    _tour_read_model(tour, administrator)
    administrator.call("GET", "/settings")


def _tour_read_model(tour: Tour, administrator: Traveller) -> None:
    """Its job pages are not the API's either."""
    state: dict[str, Any] = {"migration": 1, "newest_migration": 1, "rows": {}, "newest_event": None}
    with (
        functions(query_read_model=lambda _: {**state, "is_filling": False}),
        settings.held(read_model="postgres"),
    ):
        tour.names["job_id"] = administrator.call("POST", "/read-model/rebuild").body["id"]
        administrator.call("GET", "/read-model")
        administrator.call("GET", "/read-model/jobs")
        administrator.call("GET", "/read-model/jobs/{job_id}")
        administrator.call("POST", "/read-model/jobs/{job_id}/cancel")
        administrator.call("POST", "/read-model/verify", {"mend": True})
