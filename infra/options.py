"""What an owner may turn on: parameters of the template, each off by default, and what they are conditions of.

A stage's settings give the parameters their defaults. The local cloud lacks most of these services, so its stage has
none of them. `docs/deploying.md` says what each is for and what it costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.arns import sub
from infra.stage import READ_MODEL

if TYPE_CHECKING:
    from infra.stage import Stage

OFF = "off"


@dataclass(frozen=True)
class Option:
    """One parameter. A `number` has the default that it has; everything else is off until a setting names it."""

    setting: str
    parameter: str
    description: str
    example: str
    pattern: str = ""
    number: int | None = None
    shared: bool = False
    """Whether it is about what `chalice deploy` finds there too, and not about API and functions."""
    needs: str = ""
    """The setting without which a stage has nothing that it could be about."""

    @property
    def default(self) -> str | int:
        return OFF if self.number is None else self.number

    @property
    def condition(self) -> str:
        """The template's condition that it is on."""
        return f"Has{self.parameter}"


_ARN = "arn:[^:]+:{service}:[^:]*:[0-9]{{12}}:{what}/.+"

OPTIONS = (
    Option(
        "DOMAIN_CERTIFICATE",
        "DomainCertificate",
        "The ARN of a certificate of ACM in this region: makes the host of PublicUrl the API's own domain, and turns "
        "the default endpoint off.",
        "arn:aws:acm:ap-southeast-1:123456789012:certificate/1b2c3d4e-5f60-4711-8222-333344445555",
        _ARN.format(service="acm", what="certificate"),
    ),
    Option(
        "DISABLE_DEFAULT_ENDPOINT",
        "DisableDefaultEndpoint",
        "Turns the endpoint execute-api off, for an API that is reached by a domain name made elsewhere.",
        "on",
        "on",
    ),
    Option(
        "WEB_ACL",
        "WebAcl",
        "The ARN of a regional web ACL of AWS WAF that every request goes through.",
        "arn:aws:wafv2:ap-southeast-1:123456789012:regional/webacl/ours/1b2c3d4e-5f60-4711-8222-333344445555",
        _ARN.format(service="wafv2", what="regional/webacl"),
    ),
    Option(
        "KMS_KEY",
        "KmsKey",
        "The id of a symmetric KMS key of this account and region: encrypts tables, queues, topics, buckets, secrets, "
        "streams and logs.",
        "1b2c3d4e-5f60-4711-8222-333344445555",
        "(mrk-)?[0-9a-f-]{32,36}",
        shared=True,
    ),
    Option("ACCESS_LOGS", "AccessLogs", "API Gateway's own log: one line for each request.", "on", "on"),
    # Half of what 100 concurrent executions of a 500 ms sign-in would serve; raise it together with the account's
    # concurrency. Failed sign-ins may hold an execution for longer (`sessions.failure_delay`), which is why each
    # client address, and all together, have few of them at once.
    Option(
        "API_RATE",
        "ApiRate",
        "Requests a second for the whole API, beyond which it answers 429.",
        "500",
        number=100,
    ),
    Option("API_BURST", "ApiBurst", "Requests that may come at once beyond that rate.", "1000", number=200),
    Option(
        "APP_KEYS_ROTATION_DAYS",
        "AppKeysRotationDays",
        "Days after which app-keys gets another root key. Older ones stay.",
        "90",
        number=365,
    ),
    Option(
        "WARM_WRITES",
        "WarmWrites",
        "Write units a second, from 4001 on, that the tables and indexes of people, credentials and history take at "
        "once. It can be raised, and never lowered.",
        "20000",
        "(400[1-9]|40[1-9][0-9]|4[1-9][0-9]{2}|[5-9][0-9]{3}|[1-9][0-9]{4,6})",
        shared=True,
    ),
    Option(
        "READ_MODEL_SUBNETS",
        "ReadModelSubnets",
        "The subnets, with commas between their ids, from which the read model's database is reached. Only the "
        "functions that speak to it go there.",
        "subnet-0a1b2c3d4e5f60718,subnet-1a1b2c3d4e5f60718",
        "subnet-[0-9a-f]{8,17}(,subnet-[0-9a-f]{8,17})*",
        needs=READ_MODEL,
    ),
    Option(
        "READ_MODEL_SECURITY_GROUPS",
        "ReadModelSecurityGroups",
        "The security groups of these functions there, with commas between their ids.",
        "sg-0a1b2c3d4e5f60718",
        "sg-[0-9a-f]{8,17}(,sg-[0-9a-f]{8,17})*",
        needs=READ_MODEL,
    ),
)

EXAMPLES = {option.setting: option.example for option in OPTIONS}
"""All of them on, as checks and tests have them."""

SETTINGS = frozenset(option.setting for option in OPTIONS)
"""The settings that the template alone reads."""

KEY = sub("arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/${KmsKey}")

WITHOUT_KEY = "LacksKmsKey"
"""The condition of what is there for want of the owner's key."""


def in_stage(stage: Stage, *, packaged: bool) -> tuple[Option, ...]:
    """The options of a stage's packaged template, or of its stack of resources."""
    if stage.emulated:
        return ()
    here = (option for option in OPTIONS if not option.needs or stage.has(option.needs))
    return tuple(option for option in here if packaged or option.shared)


def chosen(stage: Stage) -> dict[str, str]:
    """The parameters that the stage's settings give a value."""
    return {
        option.parameter: stage.settings[option.setting]
        for option in in_stage(stage, packaged=True)
        if stage.settings.get(option.setting)
    }


def parameters(stage: Stage, *, packaged: bool) -> dict[str, Any]:
    return {option.parameter: _parameter(stage, option) for option in in_stage(stage, packaged=packaged)}


def _parameter(stage: Stage, option: Option) -> dict[str, Any]:
    value = stage.settings.get(option.setting) or option.default
    if option.number is not None:
        return {"Type": "Number", "MinValue": 1, "Default": int(value), "Description": option.description}
    return {
        "Type": "String",
        "AllowedPattern": f"{OFF}|{option.pattern}",
        "Default": value,
        "Description": f"{option.description} Or {OFF}.",
    }


def conditions(stage: Stage, *, packaged: bool) -> dict[str, Any]:
    """Whether each option is on."""
    conditions_by_name = {
        option.condition: {"Fn::Not": [{"Fn::Equals": [{"Ref": option.parameter}, option.default]}]}
        for option in in_stage(stage, packaged=packaged)
        if option.default == OFF
    }
    return conditions_by_name | (
        {WITHOUT_KEY: {"Fn::Not": [{"Condition": "HasKmsKey"}]}} if conditions_by_name else {}
    )


def keyed(stage: Stage, with_key: Any, without: Any) -> Any:
    """A value that depends on whether the owner holds the key."""
    return without if stage.emulated else {"Fn::If": ["HasKmsKey", with_key, without]}


def warmed(stage: Stage) -> dict[str, Any]:
    """What a table or an index takes at once, where its owner pays for more than a new one does:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html"""
    if stage.emulated:
        return {}
    warm = {"WriteUnitsPerSecond": {"Ref": "WarmWrites"}}
    return {"WarmThroughput": {"Fn::If": ["HasWarmWrites", warm, {"Ref": "AWS::NoValue"}]}}


def listed(parameter: str) -> dict[str, Any]:
    """What an option's parameter lists, where it is on."""
    return {"Fn::Split": [",", {"Ref": parameter}]}


def encrypted(stage: Stage) -> dict[str, Any]:
    """`KmsKeyId` for what AWS encrypts by itself unless it is told how."""
    return {} if stage.emulated else {"KmsKeyId": keyed(stage, KEY, {"Ref": "AWS::NoValue"})}


def api_info(stage: Stage) -> dict[str, str]:
    """What the API's definition says of an option.

    A changed parameter alone makes no new deployment of an API, which a changed default endpoint waits for
    (https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-disable-default-endpoint.html): SAM makes one
    when the text of the definition changes, so its description says what the stage's settings ask for.
    """
    if stage.emulated:
        return {}
    endpoint_settings = ("DOMAIN_CERTIFICATE", "DISABLE_DEFAULT_ENDPOINT")
    endpoint = OFF if any(stage.settings.get(setting, OFF) != OFF for setting in endpoint_settings) else "on"
    return {"description": f"default endpoint: {endpoint}"}


def throttle(stage: Stage) -> dict[str, Any]:
    """What the API as a whole takes."""
    limits = {"ThrottlingRateLimit": "ApiRate", "ThrottlingBurstLimit": "ApiBurst"}
    numbers = {option.parameter: option.number for option in OPTIONS}
    return {name: numbers[of] if stage.emulated else {"Ref": of} for name, of in limits.items()}


def outputs(stage: Stage) -> dict[str, Any]:
    """What a DNS alias of the domain points at."""
    if stage.emulated:
        return {}
    attributes = {"ApiDomainTarget": "RegionalDomainName", "ApiDomainHostedZone": "RegionalHostedZoneId"}
    return {
        name: {"Condition": "HasDomainCertificate", "Value": {"Fn::GetAtt": ["ApiDomain", attribute]}}
        for name, attribute in attributes.items()
    }
