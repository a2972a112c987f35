"""State machines as Step Functions runs them, under its limits: as much of the states' language as ours use.

https://states-language.net/spec.html; quotas:
https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

PAYLOAD_BYTES = 256 * 1024
"""Of the input or output of a state, of an execution's input, and of what a map collects of its items."""
INLINE_AT_ONCE = 40
CHILDREN_AT_ONCE = 10_000

OVER = "States.DataLimitExceeded"
RUNTIME = "States.Runtime"
TERMINAL = frozenset({OVER, RUNTIME})
"""What `States.ALL` does not match: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html"""


class StateFailed(Exception):
    """A state ended with an error of this name."""

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause


@dataclass
class Ended:
    """An execution that has ended: `SUCCEEDED` with its output, or `FAILED` with the name of the error."""

    status: str
    output: Any = None
    error: str = ""
    cause: str = ""


@dataclass
class StateMachine:
    """A definition, with the functions that its tasks invoke by the ends of their ARNs, and what reads the manifest of
    a distributed map from S3. Items run one after the other; waits before retries take no time."""

    definition: dict[str, Any]
    invoke: Callable[[str, Any], Any]
    read: Callable[[str, str], bytes] = lambda bucket, key: b"[]"
    children: int = 0
    """How many items were run by distributed maps."""
    retried: int = 0
    collected: list[int] = field(default_factory=list)
    """The bytes that each map collected."""

    def run(self, given: Any) -> Ended:
        """Run an execution with this input to its end."""
        try:
            return Ended("SUCCEEDED", self._flow(self.definition, _limited(given)))
        except StateFailed as failed:
            return Ended("FAILED", error=failed.error, cause=failed.cause)

    def _flow(self, flow: dict[str, Any], given: Any) -> Any:
        name = flow["StartAt"]
        while True:
            state = flow["States"][name]
            following, given = self._state(state, given)
            if following is None:
                return given
            name = following

    def _state(self, state: dict[str, Any], given: Any) -> tuple[str | None, Any]:
        """The state that follows, None at the end, and its input."""
        if state["Type"] == "Fail":
            raise StateFailed(state["Error"], state.get("Cause", ""))
        try:
            taken = _path(state.get("InputPath", "$"), given)
            result = self._tried(
                state, _limited(_filled(state["Parameters"], taken) if "Parameters" in state else taken)
            )
            placed = _placed(state.get("ResultPath", "$"), given, result)
            output = _limited(_path(state.get("OutputPath", "$"), placed))
        except StateFailed as failed:
            for rule in state.get("Catch", ()):
                if _matches(rule["ErrorEquals"], failed.error):
                    told = {"Error": failed.error, "Cause": failed.cause}
                    return rule["Next"], _limited(_placed(rule.get("ResultPath", "$"), given, told))
            raise
        return (None if state.get("End") else state["Next"]), output

    def _tried(self, state: dict[str, Any], given: Any) -> Any:
        """The result of a task or a map, tried again as its rules say."""
        rules = [(rule["ErrorEquals"], rule.get("MaxAttempts", 3)) for rule in state.get("Retry", ())]
        tried = [0] * len(rules)
        while True:
            try:
                return self._task(state, given) if state["Type"] == "Task" else self._map(state, given)
            except StateFailed as failed:
                matching = [n for n, (named, _) in enumerate(rules) if _matches(named, failed.error)][:1]
                if not matching or tried[matching[0]] == rules[matching[0]][1]:
                    raise
                tried[matching[0]] += 1
                self.retried += 1

    def _task(self, state: dict[str, Any], given: Any) -> Any:
        function = state["Resource"].rpartition(":")[2]
        try:
            answer = self.invoke(function, given)
        except Exception as error:
            raise StateFailed(type(error).__name__, "told by Lambda") from error
        return json.loads(_limited_text(answer))

    def _map(self, state: dict[str, Any], given: Any) -> Any:
        processor = state["ItemProcessor"]
        distributed = processor["ProcessorConfig"]["Mode"] == "DISTRIBUTED"
        assert state.get("MaxConcurrency", 0) <= (CHILDREN_AT_ONCE if distributed else INLINE_AT_ONCE)
        items = (
            self._items(state["ItemReader"], given) if "ItemReader" in state else _path(state["ItemsPath"], given)
        )
        outputs, size = [], 2
        for item in items:
            self.children += distributed
            output = self._item(processor, item, distributed=distributed)
            outputs.append(output)
            size += len(_written(output)) + (1 if len(outputs) > 1 else 0)
        self.collected.append(size)
        if size > PAYLOAD_BYTES:
            raise StateFailed(OVER, f"the map collected {size} bytes")
        return outputs

    def _item(self, processor: dict[str, Any], item: Any, *, distributed: bool) -> Any:
        try:
            return self._flow(processor, _limited(item))
        except StateFailed as failed:
            if not distributed:
                raise
            raise StateFailed("States.ExceedToleratedFailureThreshold", failed.error) from failed

    def _items(self, reader: dict[str, Any], given: Any) -> Any:
        assert reader["Resource"].endswith("s3:getObject")
        assert reader["ReaderConfig"] == {"InputType": "JSON"}
        place = _filled(reader["Parameters"], given)
        items = json.loads(self.read(place["Bucket"], place["Key"]))
        if not isinstance(items, list):
            raise StateFailed("States.ItemReaderFailed", "not an array")
        return items


def _matches(named: list[str], error: str) -> bool:
    every = "States.ALL" in named and error not in TERMINAL
    task = "States.TaskFailed" in named and error not in TERMINAL | {"States.Timeout"}
    return error in named or every or task


def _written(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _limited(value: Any) -> Any:
    _limited_text(value)
    return value


def _limited_text(value: Any) -> bytes:
    text = _written(value)
    if len(text) > PAYLOAD_BYTES:
        raise StateFailed(OVER, "a payload above 256 KiB")
    return text


def _path(path: str | None, given: Any) -> Any:
    """What a reference path names: a null one is an empty object."""
    if path is None:
        return {}
    for part in path.removeprefix("$").split(".")[1:]:
        try:
            given = given[part]
        except (KeyError, TypeError):
            raise StateFailed(RUNTIME, f"there is no {path}") from None
    return given


def _placed(path: str | None, given: Any, result: Any) -> Any:
    """A state's input with its result at a path: instead of it at `$`, nowhere at a null one."""
    if path is None:
        return given
    if path == "$":
        return result
    *parents, last = path.removeprefix("$.").split(".")
    made = json.loads(json.dumps(given))
    place = made
    for part in parents:
        place = place.setdefault(part, {})
    place[last] = result
    return made


def _filled(template: Any, given: Any) -> Any:
    if not isinstance(template, dict):
        return template
    return {
        name.removesuffix(".$"): _path(value, given) if name.endswith(".$") else _filled(value, given)
        for name, value in template.items()
    }
