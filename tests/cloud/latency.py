"""How long a change takes to reach a webhook: from when its request is sent until a receiver has it."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.cloud.people import register
from tests.cloud.stage import eventually

if TYPE_CHECKING:
    from tests.cloud.receiver import Receiver
    from tests.cloud.stage import DeployedStage
    from tools.api import Api

AT_ONCE = 5
WAVES = 10
ADDRESS = "latency@example.com"


@dataclass(frozen=True)
class Latency:
    """Seconds: of the changes for which functions may have had to start, and of each that followed."""

    cold: list[float]
    seconds: list[float]

    @property
    def p95(self) -> float:
        """The smallest that 95 of a hundred do not exceed."""
        return sorted(self.seconds)[-(-len(self.seconds) * 95 // 100) - 1]

    def __str__(self) -> str:
        return (
            f"{len(self.seconds)} changes: median {statistics.median(self.seconds):.2f} s, p95 {self.p95:.2f} s, "
            f"slowest {max(self.seconds):.2f} s; with cold starts before them, {max(self.cold):.2f} s"
        )


def measure(deployed: DeployedStage, receiver: Receiver) -> Latency:
    """Change a person five times in a row while a webhook listens, and again when these have come: eleven times, of
    which the first counts apart.

    A change goes through API Gateway, the API function, DynamoDB's stream, `on_user_change`, SNS, two queues and their
    functions, and HTTP.
    """
    person = register(deployed, ADDRESS, name="Before")
    hook = deployed.admin.call("POST", "/webhooks", {"url": receiver.url, "types": ["user.updated"]}).body
    cold, *warm = [_wave(person, receiver, wave) for wave in range(1 + WAVES)]
    deployed.admin.call("DELETE", f"/webhooks/{hook['id']}")
    return Latency(cold, [seconds for wave in warm for seconds in wave])


def _wave(person: Api, receiver: Receiver, wave: int) -> list[float]:
    """Make changes one after another without a pause, and wait for them all: the seconds that each took."""
    sent: dict[str, float] = {}
    for n in range(AT_ONCE):
        name = f"Wave {wave}, {n}"
        sent[name] = time.monotonic()
        answer = person.call("PATCH", "/me", {"name": name})
        assert answer.status == 200, answer.body

    def arrived() -> dict[str, float] | None:
        found: dict[str, float] = {}
        for event, at in zip(receiver.events(), receiver.arrived, strict=False):
            found.setdefault(event["data"]["user"]["name"], at)
        return found if sent.keys() <= found.keys() else None

    received = eventually(arrived, "the last delivery", seconds=60)
    return [received[name] - at for name, at in sent.items()]
