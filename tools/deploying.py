"""Deploying a packaged stage, as `make run`, `make deploy MODE=package` and the cloud tests do it."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from infra import options
from infra.stage import ROOT
from tools import cloud, cloudformation, operate
from tools.console import step
from tools.package import package, template_of
from tools.read_model import migrate_after_deployment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from infra.stage import Stage


def deployments_bucket() -> str:
    """The name of the bucket that templates and code go through. All stages of an account in a region share it.

    The environment's `DEPLOYMENTS_BUCKET` names another bucket, for the case that somebody else has taken the name.
    """
    return os.environ.get("DEPLOYMENTS_BUCKET") or f"rollcall-deployments-{cloud.account()}-{cloud.region()}"


def earlier_deployments_bucket() -> str:
    """The name of that bucket up to version 0.1.0, which one region of the account has."""
    return f"rollcall-deployments-{cloud.account()}"


def parameters(stage: Stage) -> dict[str, str]:
    """The template's parameters that the stage sets. Raises StageError for one that it lacks."""
    return {
        "PublicUrl": stage.required("PUBLIC_URL"),
        "MailDomain": stage.required("MAIL_DOMAIN"),
        "MailIdentityMode": stage.settings.get("MAIL_IDENTITY", "create"),
        **options.chosen(stage),
    }


def deploy_packaged(stage: Stage) -> dict[str, Any]:
    """Package the stage and deploy its template, which is returned, into the account that the environment names."""
    with _one_at_a_time():
        folder = _package(stage)
        template = template_of(folder)
        _deploy(stage, folder)
    complete(stage)
    return template


def package_alone(stage: Stage) -> Path:
    """Package the stage into its folder, which is returned. Waits for other deployments of this checkout."""
    with _one_at_a_time():
        return _package(stage)


def deploy_folder(stage: Stage, folder: Path) -> bool:
    """Deploy a packaged stage; False where nothing had to change."""
    changed = _deploy(stage, folder)
    complete(stage)
    return changed


def _package(stage: Stage) -> Path:
    with step("packaging with chalice package"):
        return package(stage)


def _deploy(stage: Stage, folder: Path) -> bool:
    with step("deploying the template with CloudFormation"):
        return cloudformation.deploy(
            stage.names.api,
            template_of(folder),
            parameters=parameters(stage),
            code=folder / "deployment.zip",
            bucket=deployments_bucket(),
        )


def complete(stage: Stage) -> None:
    """Do what CloudFormation does not: the first keys, and the tables of a read model."""
    _make_keys(stage)
    migrate_after_deployment(stage)


def _make_keys(stage: Stage) -> None:
    """Make the keys that a secret gets by its first rotation, where no rotation schedule makes them."""
    with step("making the token-signing key and the keys of webhooks, unless they are there"):
        operate.make_signing_key(stage)
        operate.make_isolated_keys(stage)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Wait for other deployments from this checkout: they write the same `build/` and configuration of Chalice."""
    (ROOT / "build").mkdir(exist_ok=True)
    with (ROOT / "build" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
