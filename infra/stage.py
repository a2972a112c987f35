"""A stage: its settings, from `.chalice/stages.json`, and the few switches that follow from its name."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.core import brand, email_addresses, old_system
from chalicelib.core.names import (
    NO_STAGE,
    PARKED,
    QUEUES,
    READ_MODEL_QUEUES,
    READ_MODEL_TABLES,
    STAGE_LENGTH,
    STREAMS,
    TABLES,
    Names,
)
from infra import runtime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.runtime import Runtime

ROOT = Path(__file__).resolve().parent.parent
STAGES_FILE = ROOT / ".chalice" / "stages.json"
LOCAL_CLOUD = ROOT / ".venv-cloud"
"""The environment of the local cloud, which runs functions with that environment's Python."""

LOCAL_ACCOUNT = "000000000000"
LOCAL_REGION = "us-east-1"

KINESIS, READ_MODEL = "KINESIS_ITEMS", "READ_MODEL"
"""The settings without which some functions, and what only they need, do not exist."""

SWITCHES = {KINESIS: ("off", "on"), READ_MODEL: ("off", "postgres")}
"""Their values."""

ALL_ON = {name: values[-1] for name, values in SWITCHES.items()}
"""Of a stage that has everything."""

NETWORK = ("READ_MODEL_SUBNETS", "READ_MODEL_SECURITY_GROUPS")
"""The network in which a read model's database is."""

REHEARSAL_PREFIX = "rehearse-"
"""Of the stages that `rollcall rehearse` makes and removes again. With four letters behind it, the longest bucket's
name has the 63 characters that S3 takes, in the region of the longest name."""


class StageError(Exception):
    """The stage is unknown, or lacks a setting; the message says which and where to write it."""


@dataclass(frozen=True)
class Stage:
    """One stage. `settings` are environment variables of every function, as written in the file.

    Raises StageError for a name that is no part of a bucket's name, or makes one too long.
    """

    name: str
    settings: dict[str, str]
    emulated: bool = False
    """Whether it goes into the local cloud: plain HTTP, a few resource types and permissions less."""

    def __post_init__(self) -> None:
        proxies = self.settings.get("TRUSTED_PROXIES", "0")
        if proxies != "0" and not any(
            self.settings.get(name) for name in ("PROXY_SECRET_HASHES", "PROXY_NETWORKS")
        ):
            raise StageError(
                f"the stage {self.name} has TRUSTED_PROXIES and neither PROXY_SECRET_HASHES nor PROXY_NETWORKS, which "
                "tell them from whoever calls past them: see docs/deploying.md"
            )
        for operator in self._listed("OPERATORS"):
            try:
                email_addresses.reachable(operator)
            except ValueError as error:
                raise StageError(f"the stage {self.name}: {operator!r} in OPERATORS {error}") from None
        for name, value in self.settings.items():
            try:
                brand.check(name.lower(), value)
            except ValueError as error:
                raise StageError(f"the stage {self.name}: {name} {error}") from None
        self._check_migration()
        self._check_switches()
        if self.settings.get("TERMS_VERSION") and not self.settings.get("TERMS_URL"):
            raise StageError(f"the stage {self.name} has TERMS_VERSION without TERMS_URL, where people read them")
        if not re.fullmatch(r"[a-z](-?[a-z0-9])*", self.name) or len(self.name) > STAGE_LENGTH:
            raise StageError(
                f"{self.name!r} cannot be a stage: its name goes into names of buckets and functions, so it is of"
                f" lower-case letters, digits and single hyphens, {STAGE_LENGTH} characters at most"
            )
        if taken := NO_STAGE & set(self.name.split("-")):
            raise StageError(
                f"{self.name!r} cannot be a stage: things of another stage are called {', '.join(taken)}, and would be"
                " taken for its own"
            )

    def _check_migration(self) -> None:
        text, floor = self.settings.get("MIGRATION", ""), self.settings.get("FAILED_SIGN_IN_MILLISECONDS", "-1")
        try:
            if text:
                old_system.parse(text)
        except ValueError as error:
            raise StageError(f"the stage {self.name}: MIGRATION {error}") from None
        if problems := old_system.contradictions(text, int(floor)):
            raise StageError(f"the stage {self.name}: {problems[0]}")

    def _check_switches(self) -> None:
        for name, values in SWITCHES.items():
            if self.settings.get(name, "off") not in values:
                raise StageError(
                    f"the stage {self.name}: {name} is {self.settings[name]!r}, neither {' nor '.join(values)}"
                )
        network = [name for name in NETWORK if self.settings.get(name, "off") != "off"]
        if network and (len(network) < len(NETWORK) or not self.read_model):
            raise StageError(
                f"the stage {self.name} has {network[0]}: {' and '.join(NETWORK)} are set together, with READ_MODEL"
            )

    @property
    def asks_with_secret(self) -> bool:
        """Whether it asks an old system at first sign-ins, and proves itself there by a secret."""
        text = self.settings.get("MIGRATION", "")
        return bool(text) and old_system.parse(text).secret

    @property
    def names(self) -> Names:
        return Names(self.name)

    @property
    def is_protected(self) -> bool:
        """Whether its data outlives its stack: deletion protection and retain policies. A rehearsal is of just that."""
        return self.name == "prod" or self.name.startswith(REHEARSAL_PREFIX)

    def has(self, option: str) -> bool:
        """Whether a setting that turns something on (`KINESIS`, `READ_MODEL`) is not off."""
        return self.settings.get(option, "off") != "off"

    @property
    def kinesis(self) -> bool:
        return self.has(KINESIS)

    @property
    def read_model(self) -> bool:
        """Whether it has one: chalicelib.read_model."""
        return self.has(READ_MODEL)

    @property
    def tables(self) -> tuple[str, ...]:
        return (*TABLES, *READ_MODEL_TABLES) if self.read_model else TABLES

    @property
    def streams(self) -> tuple[str, ...]:
        """Its tables that have a stream."""
        return (*STREAMS, *READ_MODEL_TABLES) if self.read_model else STREAMS

    @property
    def queues(self) -> tuple[str, ...]:
        """Its queues that have a consumer."""
        return (*QUEUES, *READ_MODEL_QUEUES) if self.read_model else QUEUES

    @property
    def dead_letters(self) -> tuple[str, ...]:
        return (*(f"{queue}-dlq" for queue in self.queues), *PARKED)

    @property
    def runtime(self) -> Runtime:
        """What its functions run on. Raises StageError where its settings name something else than Lambda has."""
        if self.emulated:
            return runtime.of_local_cloud(LOCAL_CLOUD)
        try:
            return runtime.of_settings(self.settings)
        except ValueError as error:
            raise StageError(f"stage {self.name}: {error}") from None

    @property
    def has_every_alarm(self) -> bool:
        """Whether each function and queue has alarms of its own, and the dashboard every metric (`ALARMS`). The local
        cloud takes no alarm over several metrics, so it always has. Raises StageError for a value that means
        nothing."""
        value = self.settings.get("ALARMS") or "few"
        if value not in {"few", "all"}:
            raise StageError(f"stage {self.name}: ALARMS is {value!r}, neither few nor all")
        return value == "all" or self.emulated

    @property
    def origins(self) -> list[str]:
        return self._listed("ALLOWED_ORIGINS")

    def _listed(self, setting: str) -> list[str]:
        return [part.strip() for part in self.settings.get(setting, "").split(",") if part.strip()]

    def required(self, setting: str) -> str:
        """A setting that must be there. Raises StageError where it is not."""
        value = self.settings.get(setting, "")
        if not value:
            raise StageError(f"stage {self.name} needs {setting}: write it into .chalice/stages.json")
        return value


def load(name: str) -> Stage:
    """The stage of that name. Raises StageError where the file has none."""
    stages = json.loads(STAGES_FILE.read_text("utf-8"))
    if name not in stages:
        raise StageError(f"there is no stage {name!r} in .chalice/stages.json, only {', '.join(stages)}")
    return Stage(name, as_texts(stages[name]), emulated=name == "local")


def as_texts(settings: Mapping[str, object]) -> dict[str, str]:
    """Settings as the environment has them: one that is a JSON object may be written as such."""
    return {
        name: json.dumps(value, separators=(",", ":")) if isinstance(value, dict) else str(value)
        for name, value in settings.items()
    }
