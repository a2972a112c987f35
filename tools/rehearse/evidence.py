"""The evidence of a rehearsal: one JSON document, and the same as an HTML page.

A reader of the JSON looks at `schema` first. 1: `{schema, rollcall, stage, region, local, started_at, ended_at,
seconds, result, sizes, estimate: {dollars, minutes}, counts: {passed, failed, skipped}, steps: [{name, title, proves,
result, reason, look, seconds, dollars, evidence}], remove}`. `result` is `running`, `passed` or `failed`; `dollars` are
estimates; `remove` is the command that removes what is left, or null.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tools.rehearse import costs
from tools.rehearse.page import page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tools.rehearse.context import Rehearsal
    from tools.rehearse.steps import Outcome, Step

SCHEMA = 1

SHOWN_CHARACTERS = 2000
"""The most characters of one text: AWS's message about a failure can be very long."""

_WHO = re.compile(r"(arn:aws[\w-]*:(?:iam|sts)::[^:\s]*:(?:user|assumed-role|federated-user)/)[^\s,\"']+")
"""AWS names the caller that it refuses, who is often a person."""

_TOKEN = re.compile(
    r"\beyJ[\w-]+\.[\w-]+\.[\w-]+|(?<=X-Amz-Signature=)[0-9a-f]+|(?<=X-Amz-Security-Token=)[^&\s]+"
)


class Report:
    """Writes the evidence of one rehearsal, again after every step."""

    def __init__(
        self, rehearsal: Rehearsal, steps: Sequence[Step], target: Path, *, version: str, started: datetime
    ) -> None:
        """`target` is the file to write, without its suffix."""
        self._rehearsal, self._steps, self._target = rehearsal, steps, target
        self._version, self._started = version, started

    @property
    def files(self) -> tuple[Path, Path]:
        return self._target.with_suffix(".json"), self._target.with_suffix(".html")

    def save(self, outcomes: Sequence[Outcome], *, ended: bool = False, remove: str | None = None) -> None:
        """Write both files. `remove` is the command that removes what is left."""
        document = self.document(outcomes, ended=ended, remove=remove)
        self._target.parent.mkdir(parents=True, exist_ok=True)
        for file, text in zip(self.files, (json.dumps(document, indent=2), page(document)), strict=True):
            draft = file.with_name(f"{file.name}.draft")
            draft.write_text(text + "\n", "utf-8")
            draft.replace(file)

    def document(self, outcomes: Sequence[Outcome], *, ended: bool, remove: str | None) -> dict[str, Any]:
        """The evidence as values of JSON, without secrets, the account's number and the name of the caller."""
        rehearsal, now = self._rehearsal, datetime.now(UTC)
        counts = Counter(outcome.result for outcome in outcomes)
        finished = "failed" if counts["failed"] else "passed"
        evidence = {
            "schema": SCHEMA,
            "rollcall": self._version,
            "stage": rehearsal.stage.name,
            "region": rehearsal.region,
            "local": rehearsal.local,
            "started_at": _time(self._started),
            "ended_at": _time(now) if ended else None,
            "seconds": round((now - self._started).total_seconds(), 1),
            "result": finished if ended else "running",
            "sizes": asdict(rehearsal.sizes),
            "estimate": {
                "dollars": round(costs.estimate(self._steps, rehearsal.sizes), 2),
                "minutes": round(sum(step.minutes for step in self._steps)),
            },
            "counts": {result: counts[result] for result in ("passed", "failed", "skipped")},
            "steps": [_step_evidence(outcome, rehearsal) for outcome in outcomes],
            "remove": remove,
        }
        hidden: dict[str, Any] = hide(evidence, rehearsal)
        return hidden


def _step_evidence(outcome: Outcome, rehearsal: Rehearsal) -> dict[str, Any]:
    step = outcome.step
    spent = costs.MARGIN * costs.dollars(step.uses(rehearsal.sizes)) if outcome.result != "skipped" else 0.0
    return {
        "name": step.name,
        "title": step.title,
        "proves": step.proves,
        "result": outcome.result,
        "reason": outcome.reason,
        "look": outcome.look,
        "seconds": round(outcome.seconds, 1),
        "dollars": round(spent, 4),
        "evidence": outcome.evidence,
    }


def hide(value: Any, rehearsal: Rehearsal) -> Any:
    """A JSON value without the rehearsal's secrets, tokens, the account's number and the names of callers of AWS."""
    if isinstance(value, dict):
        return {str(name): hide(inner, rehearsal) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [hide(inner, rehearsal) for inner in value]
    if not isinstance(value, str):
        return value
    for secret in sorted(rehearsal.secrets, key=len, reverse=True):
        value = value.replace(secret, "<hidden>")
    value = _TOKEN.sub("<hidden>", _WHO.sub(r"\1<hidden>", value))
    return value.replace(rehearsal.account, "<account>")[:SHOWN_CHARACTERS]


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
