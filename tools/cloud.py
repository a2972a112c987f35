"""The AWS clients of the commands: of real AWS as boto3 finds it, or of the endpoint in `AWS_ENDPOINT_URL`."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.aws.calls.behind import REGIONAL_HOSTS
from infra.stage import LOCAL_REGION
from tools.console import Problem


@cache
def client(service: str, read_seconds: int = 60) -> Any:
    """boto3's client of a service, in the account that the environment names."""
    config = Config(
        connect_timeout=5,
        read_timeout=read_seconds,
        retries={"mode": "standard", "max_attempts": 3},
        s3=REGIONAL_HOSTS,
    )
    return boto3.session.Session(region_name=region()).client(service, config=config)


def region() -> str:
    """The region that the environment or the AWS configuration names. Raises Problem where none does."""
    region_name = boto3.session.Session().region_name or (
        LOCAL_REGION if os.environ.get("AWS_ENDPOINT_URL") else None
    )
    if not region_name:
        raise Problem("no AWS region is set: export AWS_DEFAULT_REGION, for example eu-central-1")
    return str(region_name)


@cache
def account() -> str:
    """The account's 12 digits. Raises Problem where there are no valid credentials."""
    try:
        return str(client("sts").get_caller_identity()["Account"])
    except (BotoCoreError, ClientError) as error:
        raise Problem(f"AWS does not know who you are ({error}): check your credentials") from error
