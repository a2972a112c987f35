"""The part of the tour in which questions are asked of the read model. What its own function does for it is not the
API's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.settings import settings
from tests.functional.operated import functions

if TYPE_CHECKING:
    from tests.functional.tour import Tour, Traveller


def travel(tour: Tour, administrator: Traveller) -> None:
    """Ask each of them once."""
    tour.names |= {"view": "cohorts"}
    answers: dict[str, Any] = {"view": {"as_of": None, "rows": []}}
    with (
        settings.held(read_model="postgres"),
        functions(query_read_model=lambda event: answers[event["question"]]),
    ):
        administrator.call("GET", "/insights/views/{view}")
