"""Run as a program: prints what `chalice package` makes of stages, translated by SAM, without a deployment zip.

Its argument is a JSON object of stages, each `{"name": …, "settings": {…}}`; it prints one of the same keys and
their templates. Each is made in a fork of its own, because `app.py` reads its stage while it is imported.
"""

from __future__ import annotations

import importlib
import json
import multiprocessing
import os
import sys
from typing import TYPE_CHECKING, Any, cast

from chalice import package
from chalice.config import Config
from chalice.deploy import deployer
from chalice.deploy.appgraph import ApplicationGraphBuilder, DependencyBuilder
from chalice.deploy.swagger import CFNSwaggerGenerator

from infra import starting, template
from infra.render import unwritten_config
from infra.stage import LOCAL_REGION, ROOT, Stage
from tools.template_rules.translation import CODE, translated

if TYPE_CHECKING:
    from chalice.package import PackageOptions


class NoPackage(deployer.BaseDeployStep):
    """In place of the steps that build a zip, which needs a network, and read rendered policies, which the merge
    replaces."""

    def handle_deploymentpackage(self, config: Any, resource: Any) -> None:
        resource.filename = CODE

    def handle_filebasediampolicy(self, config: Any, resource: Any) -> None:
        resource.document = {}


class Principals:
    """Chalice asks botocore for the name of a service in a region."""

    def service_principal(self, service: Any) -> Any:
        return f"{service}.amazonaws.com"


def generated(stage: Stage) -> dict[str, Any]:
    """The template that CloudFormation gets of the stage."""
    found = unwritten_config(stage)
    os.environ.update(found["stages"][stage.name]["environment_variables"])
    made = {"project_dir": str(ROOT), "chalice_app": importlib.import_module("app").app}
    config = Config(stage.name, user_provided_params=made, config_from_disk=found)
    steps = [deployer.InjectDefaults(), NoPackage(), deployer.SwaggerBuilder(CFNSwaggerGenerator())]
    builder = package.ResourceBuilder(ApplicationGraphBuilder(), DependencyBuilder(), deployer.BuildStage(steps))
    resources = builder.construct_resources(config, stage.name)
    ours = package.SAMTemplateGenerator(config, cast("PackageOptions", Principals())).generate(resources)
    return translated(starting.at_alias(package.TemplateDeepMerger().merge(template.merge(stage), ours)))


def main() -> None:
    os.environ["AWS_DEFAULT_REGION"] = LOCAL_REGION
    stages = {key: Stage(**fields) for key, fields in json.loads(sys.argv[1]).items()}
    with multiprocessing.get_context("fork").Pool(2, maxtasksperchild=1) as pool:
        made = pool.map(generated, stages.values(), chunksize=1)
    json.dump(dict(zip(stages, made, strict=True)), sys.stdout)


if __name__ == "__main__":
    main()
