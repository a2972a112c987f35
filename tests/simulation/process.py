"""The process that a function of the app runs in: every AWS call that it makes passes here, and can go wrong.

A `Fault` sees each call before and after it. What the simulation itself plays (queues, topics, SES) is `served` instead
of moto. Calls of the test itself, outside an invocation, are never faulty and never counted.
"""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from chalicelib.core.aws import clients
from chalicelib.core.aws.calls import behind
from tests import partiql
from tests.functional.faults import Crash
from tests.replies import Reply, answered, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SERVED = frozenset({"sqs", "sns", "sesv2"})
"""Services of which moto answers nothing: an operation of theirs that nobody serves is an error of the test."""


@dataclass
class Call:
    """One AWS call. `work` is what the handler was invoked with, the same when that comes again, and `number` counts
    the calls of one invocation from 1, but for queries that find nothing."""

    handler: str
    work: str
    number: int
    operation: str
    given: dict[str, Any]
    """The parameters, as the code gave them."""
    request: dict[str, Any] = field(repr=False)
    """What botocore would send: a fault may change its `body`."""
    chance: random.Random = field(repr=False)
    left: Any = None
    """What a fault kept back of a batch."""


class Fault:
    """Something that goes wrong with some calls: nothing, unless a method says otherwise."""

    def before(self, call: Call) -> Reply | None:
        """Before the call takes effect: raise, or answer in its place, or let it pass by None."""
        return None

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """After it took effect, or was refused: raise, or change the answer."""


@dataclass
class CrashAt(Fault):
    """The process ends right before or after the n-th call of an invocation of these handlers (of any, where none is
    named): once for each that comes, so that it gets through when it comes again."""

    number: int
    handlers: tuple[str, ...] = ()
    before_it: bool = False
    crashed: Counter[str] = field(default_factory=Counter)
    """How often each handler has crashed."""
    _works: set[tuple[str, str]] = field(default_factory=set)

    def before(self, call: Call) -> None:
        self._crash(call, before=True)

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        self._crash(call, before=False)

    def _crash(self, call: Call, *, before: bool) -> None:
        is_meant = call.number == self.number and (not self.handlers or call.handler in self.handlers)
        if is_meant and before is self.before_it and (call.handler, call.work) not in self._works:
            self._works.add((call.handler, call.work))
            self.crashed[call.handler] += 1
            raise Crash


@dataclass
class Throttled(Fault):
    """AWS refuses a share of all calls (of these handlers, or of any where none is named), botocore's own further
    attempts included."""

    share: float
    code: str = "ThrottlingException"
    handlers: tuple[str, ...] = ()

    def before(self, call: Call) -> Reply | None:
        is_meant = not self.handlers or call.handler in self.handlers
        return refused(self.code) if is_meant and call.chance.random() < self.share else None


@dataclass
class TimedOut(Fault):
    """A share of the calls gets no answer: they never arrive, or they do and the answer is what is lost."""

    share: float
    after_effect: bool

    def before(self, call: Call) -> None:
        if not self.after_effect and call.chance.random() < self.share:
            raise ConnectTimeoutError(endpoint_url="on purpose")

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        if self.after_effect and call.chance.random() < self.share:
            raise ReadTimeoutError(endpoint_url="on purpose")


ENTRIES = {
    "SendMessageBatch": "Entries",
    "DeleteMessageBatch": "Entries",
    "PublishBatch": "PublishBatchRequestEntries",
}
UNPROCESSED = {"BatchGetItem": "UnprocessedKeys", "BatchWriteItem": "UnprocessedItems"}
STATEMENTS = "BatchExecuteStatement"


@dataclass
class Leftovers(Fault):
    """A share of the batch calls does the first half, rounded up, and hands the rest back: in `UnprocessedKeys`,
    `UnprocessedItems`, `Failed` or the errors of statements, as its operation does."""

    share: float

    def before(self, call: Call) -> None:
        if call.operation not in {*ENTRIES, *UNPROCESSED, STATEMENTS} or call.chance.random() >= self.share:
            return
        if call.operation == STATEMENTS:
            done, _ = _halves(call.given["Statements"])
            call.left = partiql.take_out(call.request, lambda statement: statement not in done)
            return
        if call.operation in ENTRIES:
            name = ENTRIES[call.operation]
            done, call.left = _halves(call.given[name])
            call.given = {**call.given, name: done}
            return
        document = json.loads(call.request["body"])
        requests = {table: _halves_of_table(part) for table, part in document["RequestItems"].items()}
        call.left = {table: left for table, (_, left) in requests.items() if left}
        document["RequestItems"] = {table: done for table, (done, _) in requests.items()}
        call.request["body"] = json.dumps(document).encode()

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        if call.left and call.operation in UNPROCESSED:
            answer[UNPROCESSED[call.operation]] = call.left
        elif call.left and call.operation == STATEMENTS:
            partiql.throttle(answer, call.left)
        elif call.left:
            failed = [{"Id": entry["Id"], "Code": "Throttled", "SenderFault": False} for entry in call.left]
            answer["Failed"] = [*answer.get("Failed", []), *failed]


def _halves(entries: list[Any]) -> tuple[list[Any], list[Any]]:
    middle = (len(entries) + 1) // 2
    return entries[:middle], entries[middle:]


def _halves_of_table(part: Any) -> tuple[Any, Any]:
    """BatchGetItem has keys in an object, BatchWriteItem a plain list of writes."""
    if isinstance(part, list):
        return _halves(part)
    done, left = _halves(part["Keys"])
    return {**part, "Keys": done}, {**part, "Keys": left} if left else None


class Process:
    """Everything that runs until it crashes; then no thread of it calls AWS any more.

    Calls take turns, because moto's tables are not safe among threads.
    """

    def __init__(self, seed: int = 0) -> None:
        self.calls: Counter[str] = Counter()
        """How many each handler has made."""
        self.longest: Counter[str] = Counter()
        """The most calls of one invocation of each handler, but for queries that find nothing."""
        self._seed = seed
        self._handler = self._work = ""
        self._number = 0
        self._dead = False
        self._faults: tuple[Fault, ...] = ()
        self._served: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}
        self._made: Counter[str] = Counter()
        self._turn = threading.Lock()

    def serve(self, service: str, operation: str, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Have `answer` answer this operation from its parameters, in the place of moto."""
        self._served[f"{service}.{operation}"] = answer

    @contextmanager
    def suffering(self, *faults: Fault) -> Iterator[None]:
        """Have these faults happen in the block."""
        before, self._faults = self._faults, faults
        try:
            yield
        finally:
            self._faults = before

    @contextmanager
    def working(self, handler: str, work: str = "") -> Iterator[None]:
        """Count the block's calls as an invocation of this handler. After a crash a new process begins, which
        remembers nothing."""
        self._handler, self._work, self._number = handler, work, 0
        try:
            yield
        except Crash:
            clients.clear()
            raise
        finally:
            self._handler, self._dead = "", False

    def enter(self, params: dict[str, Any], model: Any, context: dict[str, Any]) -> Reply | None:
        self._turn.acquire()
        try:
            if self._dead:
                raise Crash
            name = f"{model.service_model.service_name}.{model.name}"
            call = context["call"] = self._call(model.name, params, context)
            for fault in self._faults if call.handler else ():
                reply = fault.before(call)
                if reply is not None:
                    return reply
            if name in self._served:
                return answered(self._served[name](call.given))
            assert model.service_model.service_name not in SERVED, f"nobody serves {name}"
        except BaseException as error:
            self._end_turn(error)
            raise
        return None

    def leave(self, parsed: dict[str, Any], context: dict[str, Any]) -> None:
        error: BaseException | None = None
        call: Call = context["call"]
        if call.handler and parsed.get("Items") == []:
            # It left all as it was, so a crash after it is one after the call before: not a point of its own.
            self._number, call.number = self._number - 1, 0
        self.longest[call.handler] = max(call.number, self.longest[call.handler])
        try:
            for fault in self._faults if call.handler else ():
                fault.after(call, parsed)
        except BaseException as raised:
            error = raised
            raise
        finally:
            self._end_turn(error)

    def broke(self) -> None:
        self._turn.release()

    def _end_turn(self, error: BaseException | None) -> None:
        self._dead = self._dead or isinstance(error, Crash)
        self._turn.release()

    def _call(self, operation: str, request: dict[str, Any], context: dict[str, Any]) -> Call:
        if self._handler:
            self._number += 1
            self.calls[self._handler] += 1
        # Of calls in threads the order is open, and their content is what tells them apart.
        alone = threading.current_thread() is threading.main_thread()
        key = f"{self._handler} {operation} {'' if alone else request['body']!r}"
        self._made[key] += 1
        chance = random.Random(f"{self._seed} {key} {self._made[key]}")
        return Call(self._handler, self._work, self._number, operation, context["given"], request, chance)


_hooked: Any = None
_running: list[Process] = []


@contextmanager
def running(process: Process) -> Iterator[Process]:
    """Let every AWS call of the app pass through this process while the block runs."""
    _hook()
    _running.append(process)
    try:
        yield process
    finally:
        _running.remove(process)


def _hook() -> None:
    """Listen to the app's session. Clients listen as their session did when they were made, so they are made anew,
    once: that takes longer than most tests do."""
    global _hooked
    if _hooked is not None and behind.session() is _hooked:
        return
    behind.session.cache_clear()
    clients.client.cache_clear()
    clients.clear()
    _hooked = behind.session()
    events = _hooked.get_component("event_emitter")
    events.register_last("provide-client-params", _given)
    events.register_first("before-call", _enter)
    events.register_last("after-call", _leave)
    events.register_last("after-call-error", _broke)


def _given(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    context["given"] = params


def _enter(params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> Reply | None:
    return _running[-1].enter(params, model, context) if _running else None


def _leave(parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    if "call" in context:
        _running[-1].leave(parsed, context)


def _broke(context: dict[str, Any], **_: Any) -> None:
    if "call" in context:
        _running[-1].broke()
