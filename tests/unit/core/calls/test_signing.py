"""Our signatures are botocore's."""

from __future__ import annotations

import calendar
import time
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.core.aws.calls.credentials import EnvironmentKeys
from chalicelib.core.aws.calls.messages import Request
from chalicelib.core.aws.calls.signing import sign

DATE = "20260131T235959Z"
MOMENT = calendar.timegm(time.strptime(DATE, "%Y%m%dT%H%M%SZ"))
REGION = "eu-central-1"
HOST = "bucket.s3.eu-central-1.amazonaws.com"


@dataclass
class Asked:
    method: str
    path: str
    parameters: dict[str, str]
    headers: dict[str, str]
    body: bytes
    token: str | None
    service: str

    @property
    def query(self) -> str:
        pairs = sorted((quote(name, "-_.~"), quote(value, "-_.~")) for name, value in self.parameters.items())
        return "&".join(f"{name}={value}" for name, value in pairs)


def authorization_of_botocore(asked: Asked) -> str:
    """With the steps of its `add_auth`, at a moment of ours."""
    kind = S3SigV4Auth if asked.service == "s3" else SigV4Auth
    auth = kind(Credentials("AKIA", "secret", asked.token), asked.service, REGION)
    url = f"https://{HOST}{asked.path}" + (f"?{asked.query}" if asked.query else "")
    request = AWSRequest(asked.method, url, dict(asked.headers), asked.body)
    request.context["timestamp"] = DATE
    auth._modify_request_before_signing(request)
    text = auth.string_to_sign(request, auth.canonical_request(request))
    auth._inject_signature_to_request(request, auth.signature(text, request))
    return request.headers["Authorization"]


def authorization(asked: Asked) -> str:
    request = Request(lambda _: {}, dict(asked.headers), asked.body, asked.method, asked.path, asked.query)
    keys = EnvironmentKeys("AKIA", "secret", asked.token)
    sign(request, HOST, asked.path, asked.service, REGION, keys, MOMENT)
    return request.headers["authorization"]


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
NAMES = st.text("abcxyz-", min_size=1, max_size=8).map(lambda name: f"x-{name}")
HEADERS = st.dictionaries(NAMES, st.text("ab 1,;=%/é", max_size=12), max_size=4)
KEYS = st.lists(st.text("aZ0 /+%.~é?#&=", min_size=1, max_size=6), min_size=1, max_size=4).map("/".join)
FILES = st.builds(
    Asked,
    method=st.sampled_from(["GET", "PUT", "HEAD", "DELETE", "POST"]),
    path=KEYS.map(lambda key: "/" + quote(key, "/~-_.")),
    parameters=st.dictionaries(TEXTS.filter(bool), TEXTS, max_size=4),
    headers=HEADERS,
    body=st.binary(max_size=64),
    token=st.none() | st.just("a/session+token=="),
    service=st.just("s3"),
)
CALLS = st.builds(
    Asked,
    method=st.just("POST"),
    path=st.sampled_from(["/", "/v2/email/outbound-emails"]),
    parameters=st.just({}),
    headers=HEADERS,
    body=st.binary(max_size=64),
    token=st.none() | st.just("a/session+token=="),
    service=st.sampled_from(["dynamodb", "sqs", "ses", "states"]),
)


@pytest.mark.slow
@given(FILES | CALLS)
@example(Asked("PUT", "/a//b/../c%20%C3%A9", {"uploads": ""}, {"x-amz-meta-a": "  a   b "}, b"x", None, "s3"))
def test_a_signature_is_that_of_botocore(asked):
    ours = authorization(asked)
    assert ours == authorization_of_botocore(asked)


def test_a_further_attempt_is_signed_anew():
    request = Request(lambda _: {}, body=b"{}")
    keys = EnvironmentKeys("AKIA", "secret", None)
    once = [
        sign(request, HOST, "/", "sqs", REGION, keys, MOMENT + seconds) or dict(request.headers)
        for seconds in (0, 1, 0)
    ]
    assert once[0] == once[2] != once[1]
