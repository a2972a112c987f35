"""Uploads the functions' code to AWS once, through a bucket, and updates only functions whose code has changed.

`chalice deploy` sends the whole zip with every function, thirty times. It does so through botocore, whose events let a
call be changed, or answered, before it is sent
(https://boto3.amazonaws.com/v1/documentation/api/latest/guide/events.html).
"""

from __future__ import annotations

import base64
import hashlib
from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSResponse

if TYPE_CHECKING:
    from pathlib import Path

    from tools.deployments_bucket import DeploymentsBucket

UNCHANGED = "rollcall-unchanged"
"""The key in botocore's context of a call that holds the answer to it, where the call need not be sent."""


class CodeInS3:
    """The zip, which is uploaded as soon as one function needs it."""

    def __init__(self, archive: Path, runtime: str, *, functions: Any, bucket: DeploymentsBucket) -> None:
        """`functions` is boto3's client of Lambda, which describes a function as it is deployed."""
        self._archive, self._runtime, self._functions, self._bucket = archive, runtime, functions, bucket

    def watch(self, session: Any) -> None:
        """Intercept the calls to Lambda that a session of botocore sends."""
        on = session.register
        on("before-parameter-build.lambda.CreateFunction", self._create)
        on("before-parameter-build.lambda.UpdateFunctionCode", self._update)
        on("before-parameter-build.lambda.UpdateFunctionConfiguration", self._configure)
        on("before-call.lambda.UpdateFunctionCode", self._answer_unchanged)

    def _create(self, params: dict[str, Any], **_: Any) -> None:
        params["Code"] = self._s3_location
        params["Runtime"] = self._runtime

    def _update(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        configuration = self._functions.get_function_configuration(FunctionName=params["FunctionName"])
        same_code = configuration["CodeSha256"] == base64.b64encode(self._digest).decode()
        del params["ZipFile"]
        if same_code and configuration.get("Architectures") == params.get("Architectures"):
            context[UNCHANGED] = configuration
        params |= self._s3_location if UNCHANGED not in context else {}

    def _configure(self, params: dict[str, Any], **_: Any) -> None:
        params["Runtime"] = self._runtime

    def _answer_unchanged(self, context: dict[str, Any], **_: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
        if UNCHANGED not in context:
            return None
        return AWSResponse(None, 200, {}, None), context[UNCHANGED]

    @cached_property
    def _digest(self) -> bytes:
        return hashlib.sha256(self._archive.read_bytes()).digest()

    @cached_property
    def _s3_location(self) -> dict[str, str]:
        """Upload the code, and return where it is."""
        key = f"functions/{self._digest.hex()[:32]}.zip"
        self._bucket.upload(key, self._archive)
        return {"S3Bucket": self._bucket.name, "S3Key": key}
