"""The bucket that templates and code go through on their way to CloudFormation.

The code in it is executed. So each call names this account as the owner (anybody can take a bucket's name), requests
without TLS are refused, and versions are kept. Current objects never expire, because a stack that is rolled back takes
the code of its last version from here, however old that is. A version of the code has some 20 MB, so a hundred versions
cost a few cents a month.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from infra.storage import deny_without_tls
from tools.console import Problem, say

if TYPE_CHECKING:
    from pathlib import Path

NONCURRENT_DAYS = 30


class DeploymentsBucket:
    """One such bucket. `s3` is boto3's client, `account` the only owner that is accepted."""

    def __init__(self, s3: Any, name: str, *, account: str, region: str) -> None:
        self._s3, self.name, self._account, self._region = s3, name, account, region

    def ensure(self) -> None:
        """Create the bucket where it is missing, and apply all settings, also where an earlier version created it.

        Raises Problem where the name belongs to somebody else.
        """
        if not self._exists():
            self._create()
            say(f"  made the bucket {self.name} for deployments")
        self._configure()

    def mend(self) -> None:
        """Apply all settings to a bucket that an earlier version created, if it exists and belongs to this account."""
        try:
            self._s3.head_bucket(**self._bucket_and_owner())
        except ClientError:
            return
        self._configure()

    def put(self, key: str, body: bytes) -> str:
        """Store an object, and return the URL that CloudFormation reads it from."""
        self._s3.put_object(**self._bucket_and_owner(), Key=key, Body=body)
        return f"{self._s3.meta.endpoint_url}/{self.name}/{key}"

    def upload(self, key: str, file: Path) -> None:
        """Store a file, unless the key exists: a key is made of its content."""
        try:
            stored_object = self._s3.head_object(**self._bucket_and_owner(), Key=key)
        except ClientError as error:
            # S3 answers 403 for a missing key where the caller may not list the bucket.
            if error.response["ResponseMetadata"]["HTTPStatusCode"] not in {403, 404}:
                raise
        else:
            if stored_object["ContentLength"] == file.stat().st_size:
                return
        self._s3.upload_file(str(file), self.name, key, ExtraArgs={"ExpectedBucketOwner": self._account})

    def _bucket_and_owner(self) -> dict[str, str]:
        return {"Bucket": self.name, "ExpectedBucketOwner": self._account}

    def _exists(self) -> bool:
        try:
            self._s3.head_bucket(**self._bucket_and_owner())
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            if status == 404:
                return False
            raise self._not_ours(f"S3 answers {status}") from error
        return True

    def _create(self) -> None:
        extra = {} if self._region == "us-east-1" else {"LocationConstraint": self._region}
        try:
            self._s3.create_bucket(Bucket=self.name, **({"CreateBucketConfiguration": extra} if extra else {}))
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "BucketAlreadyExists":
                raise self._not_ours(code) from error
            if code != "BucketAlreadyOwnedByYou":
                raise

    def _not_ours(self, why: str) -> Problem:
        return Problem(
            f"the bucket {self.name} for deployments is not one of account {self._account} in {self._region} ({why}):"
            " name another one in DEPLOYMENTS_BUCKET, and nothing is put into this one"
        )

    def _configure(self) -> None:
        own = self._bucket_and_owner()
        self._s3.put_public_access_block(
            **own,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
        )
        self._s3.put_bucket_versioning(**own, VersioningConfiguration={"Status": "Enabled"})
        encryption = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        self._s3.put_bucket_encryption(**own, ServerSideEncryptionConfiguration={"Rules": [encryption]})
        tidy = {
            "ID": "tidy",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "NoncurrentVersionExpiration": {"NoncurrentDays": NONCURRENT_DAYS},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        }
        self._s3.put_bucket_lifecycle_configuration(**own, LifecycleConfiguration={"Rules": [tidy]})
        if self._s3.meta.endpoint_url.startswith("https://"):
            arn = f"arn:aws:s3:::{self.name}"
            statement = deny_without_tls("s3:*", [arn, f"{arn}/*"])
            policy = {"Version": "2012-10-17", "Statement": [statement]}
            self._s3.put_bucket_policy(**own, Policy=json.dumps(policy))
