"""The code of functions goes to AWS once, through a bucket, and only to functions whose code is another.

`chalice deploy` sends the whole zip with every function, thirty times. It does so through botocore, which lets a call
be changed, or answered, before it is sent
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
"""Where botocore's context of a call keeps the answer that makes the call superfluous."""


class CodeInS3:
    """The zip, and where functions find it once one of them needs it."""

    def __init__(self, archive: Path, runtime: str, *, functions: Any, bucket: DeploymentsBucket) -> None:
        """`functions` is boto3's client of Lambda: the one to ask what a function has."""
        self._archive, self._runtime, self._functions, self._bucket = archive, runtime, functions, bucket

    def watch(self, session: Any) -> None:
        """Take over what is sent to Lambda through a session of botocore."""
        on = session.register
        on("before-parameter-build.lambda.CreateFunction", self._create)
        on("before-parameter-build.lambda.UpdateFunctionCode", self._update)
        on("before-parameter-build.lambda.UpdateFunctionConfiguration", self._configure)
        on("before-call.lambda.UpdateFunctionCode", self._answer)

    def _create(self, params: dict[str, Any], **_: Any) -> None:
        params["Code"] = self._place
        params["Runtime"] = self._runtime

    def _update(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        now = self._functions.get_function_configuration(FunctionName=params["FunctionName"])
        same_code = now["CodeSha256"] == base64.b64encode(self._digest).decode()
        del params["ZipFile"]
        if same_code and now.get("Architectures") == params.get("Architectures"):
            context[UNCHANGED] = now
        params |= self._place if UNCHANGED not in context else {}

    def _configure(self, params: dict[str, Any], **_: Any) -> None:
        params["Runtime"] = self._runtime

    def _answer(self, context: dict[str, Any], **_: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
        if UNCHANGED not in context:
            return None
        return AWSResponse(None, 200, {}, None), context[UNCHANGED]

    @cached_property
    def _digest(self) -> bytes:
        return hashlib.sha256(self._archive.read_bytes()).digest()

    @cached_property
    def _place(self) -> dict[str, str]:
        """Where the code is, once it is uploaded."""
        key = f"functions/{self._digest.hex()[:32]}.zip"
        self._bucket.upload(key, self._archive)
        return {"S3Bucket": self._bucket.name, "S3Key": key}
