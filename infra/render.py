"""Renders what Chalice needs of a stage from the one source in this folder.

`.chalice/config.json` is committed and names no account; `python -m infra.render` writes it. Beside it is
`.chalice/rendered/<stage>/`, with `chalice.json` (the stage's entry with account and streams), `<function>.json`
(policies), `resources.json` (the stack of resources) and `merge.json`. Chalice hands a policy file to IAM as it is, so
policies are rendered with the real account, region and stream ARNs where these are known. A packaged template gets its
policies from the merge file, with CloudFormation's own references, and so is the same for every account.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chalicelib.core.names import APP, READ_MODEL_TABLES, STREAMS
from infra import policies, template
from infra.arns import filled, logical
from infra.functions import in_stage
from infra.stage import LOCAL_ACCOUNT, LOCAL_REGION, ROOT, STAGES_FILE, Stage, load

if TYPE_CHECKING:
    from pathlib import Path

CHALICE = ROOT / ".chalice"

CONFIG = CHALICE / "config.json"

OF_AN_ACCOUNT = {"ACCOUNT_ID", *(f"{table.upper()}_STREAM_ARN" for table in (*STREAMS, *READ_MODEL_TABLES))}
"""Variables that the committed configuration leaves to the environment, or to what is rendered beside it."""

NEVER_COMPRESSED = 10_485_760
"""API Gateway's largest threshold, which turns compression off in effect: a compressed response that holds a secret
and a text from the request leaks the secret by its length (BREACH). It is stated because the local cloud cannot update
an API without it."""


def rendered(stage: Stage) -> Path:
    """The folder of what is rendered for a stage."""
    return CHALICE / "rendered" / stage.name


def render(
    stage: Stage,
    *,
    account: str = LOCAL_ACCOUNT,
    region: str = LOCAL_REGION,
    outputs: dict[str, str] | None = None,
) -> Path:
    """Write the stage's configuration, policies and merge template; return the merge template's path.

    `outputs` are those of the stage's resource stack, which know the ARNs of the streams.
    """
    values = _values(stage, account, region, outputs or {})
    folder = rendered(stage)
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in policies.all_documents(stage).items():
        for statement in document["Statement"]:
            statement["Resource"] = [filled(resource, values) for resource in statement["Resource"]]
        _write(folder / f"{name}.json", document)
    _write(folder / "resources.json", template.standalone(stage))
    _write(folder / "chalice.json", _config(stage, values))
    merge = folder / "merge.json"
    _write(merge, template.merge(stage))
    return merge


def unwritten_config(stage: Stage) -> dict[str, Any]:
    """Chalice's configuration of a stage alone, as a packaged template is made with it, without writing it."""
    return _project({stage.name: _config(stage, _values(stage, LOCAL_ACCOUNT, LOCAL_REGION, {}))})


def committed_config() -> dict[str, Any]:
    """What `.chalice/config.json` says: all stages of the file, without an account.

    Where a stage names no runtime, plain Chalice takes the Python that runs it. The entry of `local` holds the local
    cloud's account and region, so that `chalice local` serves it without another step.
    """
    stages: dict[str, Any] = {}
    for name in json.loads(STAGES_FILE.read_text("utf-8")):
        stage = load(name)
        entry = unwritten_config(stage)["stages"][name]
        omitted = OF_AN_ACCOUNT | {"RUNTIME"} - stage.settings.keys()
        variables = entry["environment_variables"].items()
        entry["environment_variables"] = {name: value for name, value in variables if name not in omitted}
        if stage.emulated:
            entry["environment_variables"] |= {"ACCOUNT_ID": LOCAL_ACCOUNT, "AWS_REGION": LOCAL_REGION}
            del entry["lambda_architecture"]
        stages[name] = entry
    return _project(stages)


def with_rendered(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration, with its stages' entries replaced by those that were rendered beside it."""
    entries = (CHALICE / "rendered").glob("*/chalice.json")
    rendered_stages = {path.parent.name: json.loads(path.read_text("utf-8")) for path in entries}
    return config | {"stages": config["stages"] | rendered_stages}


def _project(stages: dict[str, Any]) -> dict[str, Any]:
    """Chalice's configuration as a whole, around the entries of its stages."""
    return {"version": "2.0", "app_name": APP, "stages": stages}


def _values(stage: Stage, account: str, region: str, outputs: dict[str, str]) -> dict[str, str]:
    values = {
        "AWS::Partition": "aws",
        "AWS::AccountId": account,
        "AWS::Region": region,
        "PublicUrl": stage.settings.get("PUBLIC_URL", "https://unset.invalid"),
        "MailDomain": stage.settings.get("MAIL_DOMAIN", "unset.invalid"),
    }
    for table in stage.streams:
        unset = f"arn:aws:dynamodb:{region}:{account}:table/{stage.names.of(table)}/stream/unset"
        values[f"{logical(table)}Table.StreamArn"] = outputs.get(f"{logical(table)}StreamArn", unset)
    return values


def _config(stage: Stage, values: dict[str, str]) -> dict[str, Any]:
    variables = {name: filled(value, values) for name, value in template.environment(stage).items()}
    for table in stage.streams:
        variables[f"{table.upper()}_STREAM_ARN"] = values[f"{logical(table)}Table.StreamArn"]
    return {
        "api_gateway_stage": "api",
        "api_gateway_endpoint_type": "REGIONAL",
        "minimum_compression_size": NEVER_COMPRESSED,
        "xray": True,
        "autogen_policy": False,
        "lambda_architecture": stage.runtime.architecture,
        "environment_variables": variables,
        "lambda_functions": {
            function.name: {
                "lambda_timeout": function.timeout,
                "lambda_memory_size": function.memory,
                "iam_policy_file": f"rendered/{stage.name}/{function.name}.json",
                **({} if function.is_traced else {"xray": False}),
            }
            for function in in_stage(stage)
        },
    }


def _write(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    _write(CONFIG, committed_config())
