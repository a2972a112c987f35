"""Removes everything again, including what a protected stage keeps, and checks that nothing is left."""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib.core.names import BUCKETS
from infra import render
from infra.stage import REHEARSAL_PREFIX, ROOT
from tools import cloudformation
from tools.deploying import deployments_bucket
from tools.rehearse import inventory
from tools.rehearse.steps import Failed, step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.rehearse.context import Rehearsal
    from tools.rehearse.steps import Evidence


CREATED_IDENTITY = {"ParameterKey": "MailIdentityMode", "ParameterValue": "create"}
"""The parameter of a stack that made the mail domain an identity of SES."""


def _require_rehearsal_stage(rehearsal: Rehearsal) -> None:
    """Raise Failed for any stage that is not a rehearsal's: no other stage is ever removed here."""
    if not rehearsal.stage.name.startswith(REHEARSAL_PREFIX):
        raise Failed(f"{rehearsal.stage.name} is no stage of a rehearsal")


@step(always=True, minutes=5, look="the stack's events in the console of CloudFormation")
def deleting_the_stack(rehearsal: Rehearsal) -> Evidence:
    """The stack is deleted.

    Functions, queues, topics, alarms and the API go; tables, buckets and secrets are kept by the stage's
    protection, and their names are told.
    """
    _require_rehearsal_stage(rehearsal)
    stack = cloudformation.described(rehearsal.names.api) or {}
    rehearsal.facts["made identity"] = CREATED_IDENTITY in stack.get("Parameters", [])
    _unprotect_tables(rehearsal)
    cloudformation.delete(rehearsal.names.api)
    retained = inventory.names_of_stage(rehearsal)
    return {"kept": {kind: len(names) for kind, names in retained.items()}}


def _unprotect_tables(rehearsal: Rehearsal) -> None:
    """End the deletion protection of all tables. A stack whose creation did not end deletes its tables itself, and
    protection would prevent that."""
    for table in _names_of_kind(rehearsal, "tables"):
        _unprotect(rehearsal, table)


def _unprotect(rehearsal: Rehearsal, table: str) -> None:
    """End a table's deletion protection. The call is refused while the table is being changed."""
    client = rehearsal.client("dynamodb")
    if client.describe_table(TableName=table)["Table"].get("DeletionProtectionEnabled"):
        _retry_while_busy(
            rehearsal,
            lambda: client.update_table(TableName=table, DeletionProtectionEnabled=False),
            f"the end of the protection of {table}",
        )


@step(always=True, minutes=2, look="the console of the service that is named")
def deleting_what_was_kept(rehearsal: Rehearsal) -> Evidence:
    """What the stage's protection kept is deleted too.

    Tables and the restored one, buckets with every version in them, secrets without the days of grace, the
    rehearsal's own queues, the domain's identity if the rehearsal made it, and the package.
    """
    _require_rehearsal_stage(rehearsal)
    deleted = {
        "tables": _delete_tables(rehearsal),
        "buckets": sum(_delete_bucket(rehearsal, bucket) for bucket in map(rehearsal.bucket, BUCKETS)),
        "secrets": _delete_secrets(rehearsal),
        "queues": _delete_queues(rehearsal),
        "log groups": _delete_logs(rehearsal),
        "user pools": _delete_user_pools(rehearsal),
        "identity": _delete_identity(rehearsal),
    }
    _delete_packages(rehearsal)
    _delete_local_files(rehearsal)
    return deleted


def _names_of_kind(rehearsal: Rehearsal, kind: str) -> list[str]:
    return sorted(name for name in inventory.names_of(rehearsal, kind) if name.startswith(rehearsal.names.api))


def _delete_tables(rehearsal: Rehearsal) -> int:
    """Delete all tables, and return their number. A table that is being restored can be deleted only after that has
    ended."""
    client, tables = rehearsal.client("dynamodb"), _names_of_kind(rehearsal, "tables")
    for table in tables:

        def settled(table: str = table) -> bool:
            return bool(client.describe_table(TableName=table)["Table"]["TableStatus"] != "CREATING")

        rehearsal.until(settled, f"the end of the making of {table}", 15)
        _unprotect(rehearsal, table)
        _retry_while_busy(
            rehearsal, lambda table=table: client.delete_table(TableName=table), f"the deletion of {table}"
        )
    rehearsal.until(lambda: not _names_of_kind(rehearsal, "tables"), "the end of the tables", 5)
    return len(tables)


def _delete_user_pools(rehearsal: Rehearsal) -> int:
    """Delete the user pool of a step that was killed."""
    client = rehearsal.client("cognito-idp")
    result_pages = client.get_paginator("list_user_pools").paginate(MaxResults=60)
    pools = [pool for result_page in result_pages for pool in result_page["UserPools"]]
    left = [pool["Id"] for pool in pools if pool["Name"].startswith(rehearsal.names.api)]
    for pool in left:
        client.delete_user_pool(UserPoolId=pool)
    return len(left)


def _retry_while_busy(rehearsal: Rehearsal, call: Any, what: str) -> None:
    """Repeat a call until its resource is not busy any more."""

    def tried() -> bool:
        try:
            call()
        except ClientError as error:
            if error.response["Error"]["Code"] in {"ResourceInUseException", "LimitExceededException"}:
                return False
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
        return True

    rehearsal.until(tried, what, 5)


def _delete_bucket(rehearsal: Rehearsal, bucket: str) -> bool:
    client = rehearsal.client("s3")
    try:
        empty_bucket(client, bucket)
        client.delete_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise
        return False
    return True


def empty_bucket(client: Any, bucket: str, prefix: str = "") -> int:
    """Delete every version of every object under a prefix, and return their number."""
    deleted = 0
    for result_page in client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        versions = [*result_page.get("Versions", []), *result_page.get("DeleteMarkers", [])]
        objects = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in versions]
        if objects:
            client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
        deleted += len(objects)
    return deleted


def _delete_secrets(rehearsal: Rehearsal) -> int:
    client, secrets = rehearsal.client("secretsmanager"), _names_of_kind(rehearsal, "secrets")
    for secret in secrets:
        with contextlib.suppress(client.exceptions.ResourceNotFoundException):
            client.delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True)
    return len(secrets)


def _delete_queues(rehearsal: Rehearsal) -> int:
    client, queues = rehearsal.client("sqs"), _names_of_kind(rehearsal, "queues")
    for queue in queues:
        client.delete_queue(QueueUrl=client.get_queue_url(QueueName=queue)["QueueUrl"])
    return len(queues)


def _delete_logs(rehearsal: Rehearsal) -> int:
    """Delete all log groups, and return their number. A function that is still running then makes its log group
    again."""
    client, count = rehearsal.client("logs"), 0
    for result_page in client.get_paginator("describe_log_groups").paginate():
        for group in result_page["logGroups"]:
            last = group["logGroupName"].rpartition("/")[2]
            if last == rehearsal.names.api or last.startswith(f"{rehearsal.names.api}-"):
                client.delete_log_group(logGroupName=group["logGroupName"])
                count += 1
    return count


def _delete_identity(rehearsal: Rehearsal) -> bool:
    if not rehearsal.facts.get("made identity"):
        return False
    client = rehearsal.client("sesv2")
    with contextlib.suppress(client.exceptions.NotFoundException):
        client.delete_email_identity(EmailIdentity=rehearsal.mail_domain)
    return True


def _delete_packages(rehearsal: Rehearsal) -> None:
    """Delete the stage's own objects in the bucket for deployments. Delete the bucket too, if the rehearsal made it and
    it is empty then."""
    client, bucket = rehearsal.client("s3"), deployments_bucket()
    try:
        empty_bucket(client, bucket, f"{rehearsal.names.api}/")
        if rehearsal.made_bucket and not any(_keys(client, bucket)):
            client.delete_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise


def _keys(client: Any, bucket: str) -> Iterator[str]:
    for result_page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        yield from (version["Key"] for version in result_page.get("Versions", []))


def _delete_local_files(rehearsal: Rehearsal) -> None:
    """Delete the files that packaging wrote into the checkout."""
    for folder in (ROOT / "build" / rehearsal.stage.name, render.rendered(rehearsal.stage)):
        shutil.rmtree(folder, ignore_errors=True)


@step(
    always=True,
    minutes=1,
    look="the console of the service that is named; KEEP nothing that bears the stage's name",
)
def nothing_is_left(rehearsal: Rehearsal) -> Evidence:
    """Nothing in the account bears the stage's name.

    All kinds of resources that the template knows are listed. A key of KMS is deleted after the week or more that
    AWS insists on, and costs nothing meanwhile.
    """
    remaining: dict[str, list[str]] = {}

    def is_gone() -> bool:
        _delete_logs(rehearsal)  # a function that was called late makes its log group again
        remaining.clear()
        remaining.update(inventory.names_of_stage(rehearsal))
        return not remaining

    try:
        rehearsal.until(is_gone, "the end of everything", 5)
    except Failed as failed:
        raise Failed(f"left: {remaining}", failed.look, **remaining) from failed
    return {"looked_for": list(inventory.LISTINGS)}
