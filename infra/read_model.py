"""What exists for the read model, in a stage that has one: policies, and the network that its database is in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.names import READ_MODEL_SECRET
from infra.arns import logical, sub
from infra.functions import Function, in_stage
from infra.options import listed

if TYPE_CHECKING:
    from infra.allow import Allow, May
    from infra.stage import Stage

Resources = dict[str, Any]

TABLE = "segments"

NETWORK = "HasReadModelSubnets"
"""The condition that the owner names a network."""

CONNECTED = ("on_read_model", "maintain_read_model", "query_read_model", "operate_read_model")
"""The functions that speak to the database, and alone have its secret and its network. The API's is none of them: in a
network it would reach DynamoDB and mail only by what the network lets out, and a sign-in would wait for both."""


def of_its_functions(may: May) -> dict[str, list[Allow]]:
    """What the read model's own functions call."""
    secret = may.secret(READ_MODEL_SECRET)
    evaluating = may.table(TABLE, "BatchGetItem", "DeleteItem", "PutItem")
    return {
        "on_segment_change": [may.publish()],
        "on_read_model": [
            secret,
            may.change_visibility("read-model"),
            may.table("users", "BatchGetItem", "Scan"),
            may.table("items", "Scan"),
            may.table("sessions", "Scan"),
            may.table("history", "Scan"),
            may.index("history", "feed-index"),
            may.table("jobs", "GetItem", "UpdateItem"),
            may.send("read-model"),
            may.table(TABLE, "Scan"),
            may.index(TABLE, "kind-index", "user-index"),
            evaluating,
        ],
        "maintain_read_model": [
            secret,
            may.index(TABLE, "kind-index", "segment-index"),
            evaluating,
            may.table(TABLE, "UpdateItem"),
            may.table("users", "BatchGetItem"),
            may.table("jobs", "GetItem", "UpdateItem"),
        ],
        "query_read_model": [secret],
        "operate_read_model": [secret],
    }


def of_others(may: May) -> dict[str, list[Allow]]:
    """What other functions call besides, where the stage has a read model."""
    asking = may.invoke("query_read_model")
    sweeping = [may.index(TABLE, "changes-index"), may.table(TABLE, "BatchGetItem")]
    return {
        "api_handler": [
            asking,
            may.index(TABLE, "kind-index", "user-index"),
            may.table(TABLE, "BatchGetItem", "GetItem", "PutItem"),
            may.send("read-model"),
            may.objects("work", "changes/*", "GetObject"),
        ],
        "on_job": [
            asking,
            may.send("read-model"),
            may.index(TABLE, "user-index"),
            may.table(TABLE, "DeleteItem"),
            may.table("jobs", "PutItem", "Query"),
            may.objects("work", "changes/*", "GetObject", "PutObject"),
        ],
        "export_segment": [asking, may.table("users", "BatchGetItem")],
        "every_hour": sweeping,
        "reconcile": sweeping,
    }


def of_function(stage: Stage, function: Function) -> dict[str, Any]:
    """Properties of a function: the network of the database, where the stage's owner names one."""
    if stage.emulated or function.name not in CONNECTED:
        return {}
    nothing = {"Ref": "AWS::NoValue"}
    groups = {"Fn::If": ["HasReadModelSecurityGroups", listed("ReadModelSecurityGroups"), nothing]}
    network = {"SubnetIds": listed("ReadModelSubnets"), "SecurityGroupIds": groups}
    return {"VpcConfig": {"Fn::If": [NETWORK, network, nothing]}}


def resources(stage: Stage) -> Resources:
    """The permissions by which Lambda makes network interfaces in the functions' names.

    Which interfaces there are can be asked of all or of none, as for subnets; the others are about this account's:
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """
    if stage.emulated or not stage.read_model:
        return {}
    of_account = "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:"
    interfaces = sub(f"{of_account}network-interface/*")
    statements = [
        {
            "Effect": "Allow",
            "Action": ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"],
            "Resource": ["*"],
        },
        {
            "Effect": "Allow",
            "Action": ["ec2:CreateNetworkInterface"],
            "Resource": [interfaces, sub(f"{of_account}subnet/*"), sub(f"{of_account}security-group/*")],
        },
        {
            "Effect": "Allow",
            "Action": [
                "ec2:AssignPrivateIpAddresses",
                "ec2:DeleteNetworkInterface",
                "ec2:UnassignPrivateIpAddresses",
            ],
            "Resource": [interfaces],
        },
    ]
    connected = [function.name for function in in_stage(stage) if function.name in CONNECTED]
    return {
        "ReadModelNetworkPolicy": {
            "Type": "AWS::IAM::Policy",
            "Condition": NETWORK,
            "Properties": {
                "PolicyName": "read-model-network",
                "Roles": [{"Ref": f"{logical(name)}Role"} for name in connected],
                "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
            },
        }
    }
