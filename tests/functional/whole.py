"""The whole system at work over moto: every change becomes a stream's event, every message reaches its consumer, and
whatever passes by is remembered."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from chalicelib.core.aws import clients, telemetry
from infra.messaging import SUBSCRIPTIONS
from tests import system
from tests.builders import PASSWORD
from tests.cloudlike import topic_messages
from tests.functional.apps import ApiClient, blueprints
from tests.functional.pages import without_delays
from tests.functional.serial import one_call_at_a_time
from tests.functional.streams import stream_event
from tests.functional.visitors import Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cloudlike import Cloud
    from tests.functional.apps import Answer


class Whole:
    """One stage, from the routes to the last consumer. `messages` are all that were on a queue, `mails` the texts that
    SES was given, `answers` what the API said."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.messages: dict[str, list[str]] = {queue: [] for queue in system.QUEUES}
        self.mails: list[str] = []
        self.answers: list[Answer] = []
        self._seen: dict[str, dict[tuple[Any, ...], Any]] = {table: {} for table in system.STREAMS}

    def settle(self) -> None:
        """Let everything happen that follows from what was done."""
        while self._streams() | self._queues():
            pass

    def _streams(self) -> bool:
        changed = False
        for table, handler in system.STREAMS.items():
            rows = {tuple(row[key] for key in system.KEYS[table]): row for row in self.cloud.rows(table)}
            before, self._seen[table] = self._seen[table], rows
            pairs = [
                (before.get(key), rows.get(key)) for key in {**before, **rows} if before.get(key) != rows.get(key)
            ]
            if pairs:
                changed = True
                system.invoke(handler, stream_event(table, *pairs))
        return changed

    def _queues(self) -> bool:
        took = False
        for queue in system.QUEUES:
            records = self.cloud.take(queue)
            if not records:
                continue
            took = True
            self.messages[queue] += [record["body"] for record in records]
            with telemetry.recording() as calls:
                system.consume(queue, {"Records": records})
            sent = (call.parameters["Content"]["Simple"] for call in calls.of("SendEmail"))
            self.mails += [json.dumps(mail, ensure_ascii=False) for mail in sent]
        return took

    def code(self) -> str:
        """The token in the latest mail."""
        (found,) = re.findall(r"Code: (\S+?)\\n", self.mails[-1])[:1]
        return str(found)


class Someone(Visitor):
    """A visitor of the whole app, after each of whose requests everything settles."""

    def __init__(self, whole: Whole) -> None:
        ApiClient.__init__(self, *blueprints())
        self.access_token = self.refresh_token = ""
        self.whole = whole
        self.shown: list[str] = []
        """Every token that it was given."""

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        answer = super().call(method, path, body, **headers)
        self.whole.answers.append(answer)
        self.whole.settle()
        return answer

    def enter(self, email: str, password: str = PASSWORD, **headers: str) -> Answer:
        answer = super().enter(email, password, **headers)
        self.shown += [text for text in (self.access_token, self.refresh_token) if text]
        return answer


@contextmanager
def whole(cloud: Cloud) -> Iterator[Whole]:
    """The stage, with all its consumers subscribed; delays are left out and calls take turns."""
    for queue in SUBSCRIPTIONS:
        topic_messages(cloud, queue)
    with ExitStack() as stack:
        stack.enter_context(one_call_at_a_time())
        stack.enter_context(without_delays())
        yield Whole(cloud)
    clients.clear()
