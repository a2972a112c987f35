"""What an owner may turn on: off unless the stage says so, and then where it belongs and nowhere else."""

from __future__ import annotations

import json
import re

import pytest

from infra import optional, options, template
from infra.options import EXAMPLES
from infra.stage import ALL_ON, Stage
from tests.unit.tools.template_rules.generated import PUBLIC, templates
from tools.deploying import parameters

OFF = Stage("prod", {**PUBLIC, **ALL_ON})
ON = Stage("prod", {**PUBLIC, **ALL_ON, **EXAMPLES})
LOCAL = Stage("local", {**PUBLIC, **ALL_ON, **EXAMPLES}, emulated=True)

ENCRYPTED = {
    "AWS::DynamoDB::Table": "SSESpecification",
    "AWS::Kinesis::Stream": "StreamEncryption",
    "AWS::Logs::LogGroup": "KmsKeyId",
    "AWS::S3::Bucket": "BucketEncryption",
    "AWS::SNS::Topic": "KmsMasterKeyId",
    "AWS::SQS::Queue": "KmsMasterKeyId",
    "AWS::SecretsManager::Secret": "KmsKeyId",
}
"""Everything that holds data at rest, and the property that says how it is encrypted."""


def settled(value, made, given):
    """A value as CloudFormation settles it, with these parameters in the place of the defaults."""
    if isinstance(value, list):
        found = [settled(inner, made, given) for inner in value]
        return [inner for inner in found if inner != {"Ref": "AWS::NoValue"}]
    if not isinstance(value, dict):
        return value
    if "Fn::If" in value:
        condition, then, otherwise = value["Fn::If"]
        return settled(then if holds(condition, made, given) else otherwise, made, given)
    found = {name: settled(inner, made, given) for name, inner in value.items()}
    return {name: inner for name, inner in found.items() if inner != {"Ref": "AWS::NoValue"}}


def holds(name, made, given):
    return _holds(made["Conditions"][name], made, given)


def _holds(condition, made, given):
    if "Condition" in condition:
        return holds(condition["Condition"], made, given)
    if "Fn::Not" in condition:
        return not _holds(condition["Fn::Not"][0], made, given)
    reference, text = condition["Fn::Equals"]
    return given.get(reference["Ref"], made["Parameters"][reference["Ref"]].get("Default")) == text


def there(made, given):
    """The resources that CloudFormation makes, settled."""
    return {
        name: settled(resource, made, given)
        for name, resource in made["Resources"].items()
        if "Condition" not in resource or holds(resource["Condition"], made, given)
    }


def kinds(resources):
    return {resource.get("Type") for resource in resources.values()}


OPTIONAL = {"AWS::ApiGateway::DomainName", "AWS::ApiGateway::BasePathMapping", "AWS::WAFv2::WebACLAssociation"}


def test_everything_is_off_by_default():
    made = template.merge(OFF)
    defaults = {option.parameter: option.default for option in options.OPTIONS}
    assert {name: made["Parameters"][name]["Default"] for name in defaults} == defaults
    resources = there(made, {})
    assert not kinds(resources) & OPTIONAL
    assert "KmsKeyPolicy" not in resources
    assert "ApiAccessLogs" not in resources
    assert "${KmsKey}" not in json.dumps(resources)
    api = resources["RestAPI"]["Properties"]
    assert api["DisableExecuteApiEndpoint"] is False
    assert "AccessLogSetting" not in api


def test_a_stage_turns_on_what_its_settings_name():
    given = parameters(ON)
    assert {option.parameter: given[option.parameter] for option in options.OPTIONS} == {
        option.parameter: EXAMPLES[option.setting] for option in options.OPTIONS
    }
    made = template.merge(ON)
    defaults = {name: str(made["Parameters"][name]["Default"]) for name in options.chosen(ON)}
    assert defaults == options.chosen(ON)


def test_what_is_set_matches_what_its_parameter_allows():
    for name, parameter in options.parameters(ON, packaged=True).items():
        if parameter["Type"] == "String":
            assert re.fullmatch(parameter["AllowedPattern"], parameter["Default"]), name
            assert re.fullmatch(parameter["AllowedPattern"], "off"), name


def test_a_domain_of_its_own_turns_the_default_endpoint_off():
    made = template.merge(ON)
    resources = there(made, {})
    assert kinds(resources) >= OPTIONAL
    assert resources["RestAPI"]["Properties"]["DisableExecuteApiEndpoint"] is True
    assert resources["ApiDomain"]["Properties"]["SecurityPolicy"] == "TLS_1_2"
    assert made["Outputs"].keys() >= {"ApiDomainTarget", "ApiDomainHostedZone"}


def test_turning_the_default_endpoint_off_makes_a_new_deployment():
    """It waits for one, and SAM makes one when the definition's text differs."""
    texts = [json.dumps(template.merge(stage)["Resources"]["RestAPI"]) for stage in (OFF, ON)]
    described = [
        template.merge(stage)["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["info"]
        for stage in (OFF, ON)
    ]
    assert texts[0] != texts[1]
    assert described[0] != described[1]


@pytest.mark.parametrize("make", [template.merge, template.standalone])
def test_the_owners_key_encrypts_all_that_is_kept(make):
    stage = Stage("prod", {**ON.settings, **ALL_ON})
    kept = [found for found in there(make(stage), {}).values() if found.get("Type") in ENCRYPTED]
    assert {resource["Type"] for resource in kept} == ENCRYPTED.keys()
    for resource in kept:
        assert "key/${KmsKey}" in json.dumps(resource["Properties"][ENCRYPTED[resource["Type"]]]), resource
    queues = [resource["Properties"] for resource in kept if resource["Type"] == "AWS::SQS::Queue"]
    assert not any(queue["SqsManagedSseEnabled"] for queue in queues)
    assert "AWS::KMS::Key" not in kinds(there(make(stage), {}))


def test_every_role_may_use_the_owners_key_and_no_other():
    resources = there(template.merge(ON), {})
    policy = resources["KmsKeyPolicy"]["Properties"]
    roles = {name for name in resources if name.endswith("Role")}
    assert {role["Ref"] for role in policy["Roles"]} == roles
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert statement["Resource"] == [options.KEY]


def test_an_access_log_tells_nothing_about_who_asked():
    line = there(template.merge(ON), {})["RestAPI"]["Properties"]["AccessLogSetting"]["Format"]
    assert json.loads(line) == optional.ACCESS_LOG_FIELDS
    personal = ("identity", "authorizer", "querystring", "header", "$context.path", "requestOverride")
    assert [word for word in personal if word.lower() in line.lower()] == []


def test_rate_and_burst_are_the_owners():
    (settings,) = template.merge(ON)["Resources"]["RestAPI"]["Properties"]["MethodSettings"]
    assert settings["ThrottlingRateLimit"] == {"Ref": "ApiRate"}
    assert settings["ThrottlingBurstLimit"] == {"Ref": "ApiBurst"}


@pytest.mark.slow
@pytest.mark.parametrize("make", [template.merge, template.standalone])
def test_what_an_import_writes_is_warmed_as_far_as_the_owner_says(make):
    tables = {
        name: resource["Properties"]
        for name, resource in there(make(ON), {}).items()
        if resource.get("Type") == "AWS::DynamoDB::Table"
    }
    warm = {
        name: [
            part["WarmThroughput"]["WriteUnitsPerSecond"]
            for part in (table, *table.get("GlobalSecondaryIndexes", ()))
        ]
        for name, table in tables.items()
        if "WarmThroughput" in table
    }
    units = {"Ref": "WarmWrites"}
    assert warm == {"UsersTable": [units] * 7, "CredentialsTable": [units] * 2, "HistoryTable": [units] * 2}
    assert "WarmThroughput" not in json.dumps(there(make(OFF), {}))


def test_a_warm_table_takes_more_than_a_new_one():
    (allowed,) = [option.pattern for option in options.OPTIONS if option.setting == "WARM_WRITES"]
    taken = {
        units
        for units in (*range(1, 4_001), 4_001, 4_099, 4_100, 9_999, 40_000)
        if re.fullmatch(allowed, str(units))
    }
    assert taken == {4_001, 4_099, 4_100, 9_999, 40_000}


def test_the_local_cloud_has_none_of_it():
    made = template.merge(LOCAL)
    assert not kinds(made["Resources"]) & OPTIONAL
    assert not made["Parameters"].keys() & {option.parameter for option in options.OPTIONS}
    assert parameters(LOCAL).keys() == {"PublicUrl", "MailDomain", "MailIdentityMode"}


def test_no_function_reads_what_the_template_alone_does():
    assert not template.environment(ON).keys() & options.SETTINGS


@pytest.mark.slow
def test_the_web_acl_waits_for_the_stage_that_sam_makes():
    resources = templates()["long"]["Resources"]
    assert resources[resources["ApiWebAcl"]["DependsOn"]]["Type"] == "AWS::ApiGateway::Stage"
    stage = resources["ApiDomainMapping"]["Properties"]["Stage"]["Ref"]
    assert resources[stage]["Type"] == "AWS::ApiGateway::Stage"


def test_the_default_endpoint_can_be_off_without_a_domain():
    made = template.merge(OFF)
    made["Parameters"]["DisableDefaultEndpoint"]["Default"] = "on"
    assert there(made, {})["RestAPI"]["Properties"]["DisableExecuteApiEndpoint"] is True
