"""Lists everything in an account and region that has a stage's name. Before a rehearsal these names must be free, and
afterwards nothing may have them."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.rehearse.context import Rehearsal


class Listing(NamedTuple):
    """How resources of a kind are listed: the call, the member of its answer that holds them, and the member that holds
    a name; None where an entry is the name."""

    service: str
    operation: str
    path: str
    name: str | None
    arguments: Mapping[str, Any] = MappingProxyType({})
    paged: bool = True


LISTINGS = {
    "stacks": Listing("cloudformation", "describe_stacks", "Stacks", "StackName"),
    "tables": Listing("dynamodb", "list_tables", "TableNames", None),
    "buckets": Listing("s3", "list_buckets", "Buckets", "Name", paged=False),
    "queues": Listing("sqs", "list_queues", "QueueUrls", None),
    "topics": Listing("sns", "list_topics", "Topics", "TopicArn"),
    "functions": Listing("lambda", "list_functions", "Functions", "FunctionName"),
    "log groups": Listing("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "secrets": Listing(
        "secretsmanager", "list_secrets", "SecretList", "Name", arguments={"IncludePlannedDeletion": True}
    ),
    "roles": Listing("iam", "list_roles", "Roles", "RoleName"),
    "state machines": Listing("stepfunctions", "list_state_machines", "stateMachines", "name"),
    "rules": Listing("events", "list_rules", "Rules", "Name"),
    "alarms": Listing("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    "dashboards": Listing("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    "APIs": Listing("apigateway", "get_rest_apis", "items", "name"),
    "configuration sets": Listing("sesv2", "list_configuration_sets", "ConfigurationSets", None, paged=False),
    "user pools": Listing("cognito-idp", "list_user_pools", "UserPools", "Name", arguments={"MaxResults": 60}),
    "streams": Listing("kinesis", "list_streams", "StreamNames", None),
}
"""By the kind's name in the evidence. A KMS key has no name; its stack deletes it, after the waiting period that AWS
requires."""


def names_of_stage(rehearsal: Rehearsal, prefix: str = "") -> dict[str, list[str]]:
    """The names that begin with the name of the rehearsal's stage, or with `prefix`, by kind. Kinds without such a name
    are left out."""
    begins = prefix or str(rehearsal.names.api)
    return {
        kind: names
        for kind in LISTINGS
        if (names := sorted({name for name in names_of(rehearsal, kind) if name.startswith(begins)}))
    }


def names_of(rehearsal: Rehearsal, kind: str) -> Iterator[str]:
    """The names of everything of a kind."""
    listing = LISTINGS[kind]
    for entry in _entries(rehearsal, listing):
        text = str(entry if listing.name is None else entry[listing.name])
        # A queue's URL, a topic's ARN and a log group's path all end in the name.
        yield text.rpartition("/")[2].rpartition(":")[2]


def _entries(rehearsal: Rehearsal, listing: Listing) -> Iterator[Any]:
    client = rehearsal.client(listing.service)
    if not listing.paged:
        yield from getattr(client, listing.operation)(**listing.arguments).get(listing.path, [])
        return
    for result_page in client.get_paginator(listing.operation).paginate(**listing.arguments):
        yield from result_page.get(listing.path, [])
