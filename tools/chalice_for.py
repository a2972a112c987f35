"""Chalice's own `package` and `deploy`, with the runtime and the zip of a stage instead of Chalice's own choice.

Chalice packages for the Python that runs it, and its configuration cannot name another one. Chalice's commands get
everything that they work with from one factory, so this module passes them its own factory. The commands run in a
process of their own, because they import the app.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalice.cli import cli
from chalice.cli.factory import CLIFactory
from chalice.deploy.deployer import BaseDeployStep

from infra.render import with_rendered
from infra.stage import LOCAL_REGION, ROOT
from tools import cloud
from tools.code_in_s3 import CodeInS3
from tools.console import Problem
from tools.deployments_bucket import DeploymentsBucket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.stage import Stage


def run(stage: Stage, command: str, *arguments: str, archive: Path, bucket: str = "", **environment: str) -> None:
    """Run `chalice package` or `chalice deploy` for a stage, with `archive` as the code of its functions.

    `bucket` is the bucket that the code goes through when it is deployed. Raises Problem with the end of Chalice's
    output where it fails.
    """
    positional_arguments = [stage.runtime.name, str(archive), bucket]
    _run(
        [sys.executable, "-m", "tools.chalice_for", *positional_arguments],
        [command, "--stage", stage.name, *arguments],
        environment,
    )


def local(stage: Stage, port: int) -> list[str]:
    """The command line of `chalice local` for a stage, with the configuration that was rendered for it."""
    program = [sys.executable, "-m", "tools.chalice_for", stage.runtime.name, "", ""]
    return [*program, "local", "--no-autoreload", "--stage", stage.name, "--port", str(port)]


def run_plain(*arguments: str, **environment: str) -> None:
    """Run a command of Chalice as it is. Raises Problem with the end of its output where it fails."""
    _run([executable()], arguments, environment)


def executable() -> str:
    """Chalice's own program."""
    return str(Path(sys.executable).parent / "chalice")


def _run(program: list[str], arguments: Sequence[str], environment: dict[str, str]) -> None:
    variables = {"AWS_DEFAULT_REGION": LOCAL_REGION, **os.environ, **environment}
    command = [*program, *arguments]
    process = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    if process.returncode:
        output = (process.stdout + process.stderr).strip()
        raise Problem(f"`chalice {' '.join(arguments)}` failed:\n{output[-3000:]}")


class Bundled(BaseDeployStep):
    """Sets the file that holds the functions' code. Chalice's own step, which runs after this one, makes such a file
    only where none is set."""

    def __init__(self, archive: Path) -> None:
        self._archive = archive

    def handle_deploymentpackage(self, _config: Any, resource: Any) -> None:
        resource.filename = str(self._archive)


class Factory(CLIFactory):
    """Makes the objects that Chalice's commands work with."""

    def __init__(self, runtime: str, archive: Path, code: CodeInS3 | None) -> None:
        super().__init__(str(ROOT), environ=os.environ)
        self.runtime = runtime
        """The functions' runtime, which `core.wiring` reads."""
        self._archive, self._code = archive, code

    def load_project_config(self) -> Any:
        return with_rendered(super().load_project_config())

    def create_app_packager(self, *arguments: Any, **named: Any) -> Any:
        packager = super().create_app_packager(*arguments, **named)
        packager._resource_builder._build_stage._steps.insert(0, Bundled(self._archive))
        return packager

    def create_default_deployer(self, *arguments: Any, **named: Any) -> Any:
        deployer = super().create_default_deployer(*arguments, **named)
        deployer._build_stage._steps.insert(0, Bundled(self._archive))
        return deployer

    def create_botocore_session(self, *arguments: Any, **named: Any) -> Any:
        session = super().create_botocore_session(*arguments, **named)
        if self._code is not None:
            self._code.watch(session)
        return session


def _code(runtime: str, archive: Path, bucket: str) -> CodeInS3:
    deployments_bucket = DeploymentsBucket(
        cloud.client("s3"), bucket, account=cloud.account(), region=cloud.region()
    )
    return CodeInS3(archive, runtime, functions=cloud.client("lambda"), bucket=deployments_bucket)


def main() -> None:
    runtime, archive, bucket, command, *arguments = sys.argv[1:]
    # Chalice's own group of commands sets this. It is not used here, because it makes Chalice's own factory.
    os.environ["AWS_CHALICE_CLI_MODE"] = "true"
    factory = Factory(runtime, Path(archive), _code(runtime, Path(archive), bucket) if bucket else None)
    cli.commands[command].main(arguments, prog_name=command, obj={"factory": factory, "debug": False})


if __name__ == "__main__":
    main()
