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

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from infra.stage import Stage


def deployments_bucket() -> str:
    """The bucket that templates and code go through: the account's in the region, shared by all stages.

    The environment's `DEPLOYMENTS_BUCKET` names another one, should somebody else have taken the name.
    """
    return os.environ.get("DEPLOYMENTS_BUCKET") or f"rollcall-deployments-{cloud.account()}-{cloud.region()}"


def earlier_deployments_bucket() -> str:
    """What the bucket was called up to 0.1.0, in one region of the account."""
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
        folder = _packaged(stage)
        template = template_of(folder)
        _deployed(stage, folder)
    make_keys(stage)
    return template


def package_alone(stage: Stage) -> Path:
    """Package the stage into its folder, which is returned, while no other deployment of this checkout does."""
    with _one_at_a_time():
        return _packaged(stage)


def deploy_folder(stage: Stage, folder: Path) -> bool:
    """Deploy a packaged stage; False where nothing had to change."""
    changed = _deployed(stage, folder)
    make_keys(stage)
    return changed


def _packaged(stage: Stage) -> Path:
    with step("packaging with chalice package"):
        return package(stage)


def _deployed(stage: Stage, folder: Path) -> bool:
    with step("deploying the template with CloudFormation"):
        return cloudformation.deploy(
            stage.names.api,
            template_of(folder),
            parameters=parameters(stage),
            code=folder / "deployment.zip",
            bucket=deployments_bucket(),
        )


def make_keys(stage: Stage) -> None:
    """See to what the first rotation of each secret makes, where no schedule does."""
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
