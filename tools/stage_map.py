"""Writes what functions know of their own stage to `chalicelib/operations/`: run it after a change of `infra/` or of
`docs/settings.md`.

`topology.json` is how triggers, functions, queues, tables and consumers hang together, read off the definitions in
`infra/`: an arrow is an event source, a subscription, or a permission. `settings.json` is what each setting is for.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from chalicelib.core.names import (
    BUCKETS,
    READ_MODEL_QUEUES,
    READ_MODEL_TABLES,
    SECRETS,
    STATE_MACHINES,
    TOPICS,
)
from chalicelib.core.settings import SECRET_SETTINGS
from infra import alarms, messaging, policies, state_machines
from infra.arns import Arns
from infra.functions import FUNCTIONS
from infra.stage import ALL_ON, READ_MODEL, ROOT, Stage
from infra.template import OF_THE_TEMPLATE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.functions import Function

FOLDER = ROOT / "chalicelib" / "operations"

Edge = tuple[str, str, str]
"""Source, target and kind, as the stage sees it."""

NAMELESS = Stage(
    "s",
    {
        **ALL_ON,
        "ALARMS": "all",
        "MIGRATION": '{"kind": "endpoint", "url": "https://old.example/"}',
    },
)
"""A stage with everything that any stage can have. Its resources are known by their short names."""

ARNS = Arns(NAMELESS.names)

HTTP, MAIL = "http:requests", "mail:ses"

READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan", "GetObject", "GetObjectVersion", "GetSecretValue"})
WRITES = frozenset(
    {"PutItem", "UpdateItem", "DeleteItem", "PartiQLInsert", "PutObject", "DeleteObject", "PutSecretValue"}
)
DONE = {
    "SendMessage": "sends",
    "Publish": "publishes",
    "StartExecution": "starts",
    "InvokeFunction": "invokes",
    "SendEmail": "mails",
}
"""Kinds of edges from a function, by the operation that its policy allows."""


def nodes() -> Iterator[dict[str, str]]:
    """Every part of a stage, by its kind and short name."""
    by_kind = {
        "http": ["requests"],
        "schedule": [function.name for function in FUNCTIONS if function.scheduled],
        "function": [function.name for function in FUNCTIONS],
        "table": NAMELESS.tables,
        "queue": NAMELESS.queues,
        "dead_letters": NAMELESS.dead_letters,
        "topic": TOPICS,
        "bucket": BUCKETS,
        "kinesis": [function.kinesis for function in FUNCTIONS if function.kinesis],
        "state_machine": STATE_MACHINES,
        "secret": SECRETS,
        "mail": ["ses"],
    }
    for kind, names in by_kind.items():
        for name in names:
            yield {"id": f"{'queue' if kind == 'dead_letters' else kind}:{name}", "kind": kind, "name": name}


def needed() -> dict[str, str]:
    """The parts that are there only with a setting: their ids, and which setting it is."""
    found = {f"kinesis:{function.kinesis}": function.needs for function in FUNCTIONS if function.kinesis}
    for function in FUNCTIONS:
        if function.needs:
            found[f"function:{function.name}"] = function.needs
        if function.needs and function.scheduled:
            found[f"schedule:{function.name}"] = function.needs
    for name in READ_MODEL_TABLES:
        found[f"table:{name}"] = READ_MODEL
    for name in READ_MODEL_QUEUES:
        found |= {f"queue:{name}": READ_MODEL, f"queue:{name}-dlq": READ_MODEL}
    return found


def edges() -> list[Edge]:
    """Every arrow, once."""
    found = [
        *_triggers(),
        *((f"queue:{queue}", f"queue:{queue}-dlq", "parks") for queue in NAMELESS.queues),
        *(("topic:user-events", f"queue:{queue}", "delivers") for queue in messaging.subscriptions(NAMELESS)),
        *_runs(),
        *(edge for function in FUNCTIONS for edge in _permitted(function)),
    ]
    return list(dict.fromkeys(found))


def _triggers() -> Iterator[Edge]:
    yield HTTP, "function:api_handler", "triggers"
    yield "bucket:uploads", "function:on_upload", "triggers"
    for secret in SECRETS:
        yield f"secret:{secret}", f"function:rotate_{secret.replace('-', '_')}", "triggers"
    for function in FUNCTIONS:
        sources = {
            "queue": function.queue,
            "table": function.stream,
            "topic": function.topic,
            "kinesis": function.kinesis,
            "schedule": function.name if function.scheduled else "",
        }
        for kind, name in sources.items():
            if name:
                yield f"{kind}:{name}", f"function:{function.name}", "triggers"


def _runs() -> Iterator[Edge]:
    resources = state_machines.resources(NAMELESS)
    for name in STATE_MACHINES:
        definition = json.dumps(resources[f"{name.capitalize()}Machine"])
        for function in FUNCTIONS:
            if f"{ARNS.function(function.name)}\\" in definition and function.name != "api_handler":
                yield f"state_machine:{name}", f"function:{function.name}", "runs"


def _permitted(function: Function) -> Iterator[Edge]:
    this = f"function:{function.name}"
    own_queue = f"queue:{function.queue}"
    for allow in policies.statements(NAMELESS, function):
        for part in filter(None, map(_node_of, allow.resources)):
            for operation in (action.partition(":")[2] for action in allow.actions):
                if operation in READS or (operation == "ReceiveMessage" and part != own_queue):
                    yield part, this, "reads"
                elif operation in WRITES:
                    yield this, part, "writes"
                elif operation in DONE:
                    yield this, part, "parks" if part.endswith("-dlq") else DONE[operation]


def _node_of(resource: str) -> str | None:
    """The node that an ARN is of; None for what is none."""
    if ":ses:" in resource:
        return MAIL
    return next((node for arn, node in _BY_ARN if resource == arn or resource.startswith(f"{arn}/")), None)


_BY_ARN = [
    *((ARNS.table(name), f"table:{name}") for name in NAMELESS.tables),
    *((ARNS.queue(name), f"queue:{name}") for name in (*NAMELESS.queues, *NAMELESS.dead_letters)),
    *((ARNS.topic(name), f"topic:{name}") for name in TOPICS),
    *((ARNS.bucket(name), f"bucket:{name}") for name in BUCKETS),
    *((ARNS.state_machine(name), f"state_machine:{name}") for name in STATE_MACHINES),
    *((ARNS.secret(name), f"secret:{name}") for name in SECRETS),
    *((ARNS.function(function.name), f"function:{function.name}") for function in FUNCTIONS),
]


def alarmed() -> dict[str, str | None]:
    """Every alarm that a stage may have, by its short name, and what it is about."""
    few = Stage("s", {**NAMELESS.settings, "ALARMS": "few"})
    found: dict[str, str | None] = {}
    for stage in (few, NAMELESS):
        for alarm in alarms.resources(stage, FUNCTIONS, stage.names.api).values():
            properties = alarm["Properties"]
            found[properties["AlarmName"].removeprefix(stage.names.of(""))] = _about(properties)
    return dict(sorted(found.items()))


def _about(properties: dict[str, Any]) -> str | None:
    dimensions = {dimension["Name"]: dimension["Value"] for dimension in properties.get("Dimensions", [])}
    if "ApiName" in dimensions:
        return HTTP
    if machine := dimensions.get("StateMachineArn"):
        return f"state_machine:{machine['Ref'].removesuffix('Machine').lower()}"
    for dimension, kind in (("QueueName", "queue"), ("FunctionName", "function")):
        if name := dimensions.get(dimension):
            short = name.removeprefix(NAMELESS.names.of("")) if name != NAMELESS.names.api else "api_handler"
            return f"{kind}:{short}"
    return None


SECTIONS = {"## Settings of a stage": "stages", "## Made by the deployment": "deployment"}
ENTRY = re.compile(r"^- \*\*`([A-Z0-9_]+)`\*\* · (.*?): (.*)$", re.DOTALL)


def described_settings() -> dict[str, dict[str, Any]]:
    """Every setting of `docs/settings.md`: what it is for, its default there, who sets it."""
    found: dict[str, dict[str, Any]] = {}
    for section, text in _sections((ROOT / "docs" / "settings.md").read_text("utf-8")):
        for block in re.split(r"\n(?=- |\n)", text):
            if entry := ENTRY.match(block.strip()):
                name, default, purpose = entry.groups()
                found[name] = {
                    "set_in": SECTIONS[section],
                    "default": None if default in {"none", "must be set", "None"} else default.strip("`"),
                    "secret": name.lower() in SECRET_SETTINGS,
                    "seen": name not in OF_THE_TEMPLATE,
                    "purpose": _plain(purpose),
                }
    return found


def _sections(page: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"\n(?=## )", page):
        title, _, text = part.partition("\n")
        if title in SECTIONS:
            yield title, text


def _plain(markdown: str) -> str:
    """A text without Markdown's marks and line ends."""
    text = " ".join(markdown.split())
    return re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text).replace("`", "")


def documents() -> dict[str, str]:
    """The text of each file, by its name."""
    topology = {
        "nodes": list(nodes()),
        "edges": [dict(zip(("source", "target", "kind"), edge, strict=True)) for edge in edges()],
        "alarms": alarmed(),
        "needs": needed(),
        "repeated": list(policies.repeated(NAMELESS)),
    }
    return {
        "topology.json": _lines(topology),
        "settings.json": json.dumps(described_settings(), indent=1, ensure_ascii=False) + "\n",
    }


def _lines(document: dict[str, Any]) -> str:
    """JSON with one entry of a list on one line, so that changes can be read."""
    parts = []
    for name, value in document.items():
        if isinstance(value, list):
            listed = ",\n".join(f"  {json.dumps(entry)}" for entry in value)
            parts.append(f' "{name}": [\n{listed}\n ]')
        else:
            parts.append(f' "{name}": {json.dumps(value, indent=2)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    for name, text in documents().items():
        (FOLDER / name).write_text(text, "utf-8")
    print(f"{len(documents())} files in {FOLDER.relative_to(ROOT)}/")


if __name__ == "__main__":
    main()
