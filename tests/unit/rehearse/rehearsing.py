"""A rehearsal without a cloud: time that passes when it is waited for, and clients that answer what they are told."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from infra.stage import Stage
from tools.rehearse.context import Rehearsal, Sizes

ACCOUNT = "123456789012"


class Time:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> Any:
        return self.seconds

    def pause(self, seconds: Any) -> None:
        self.seconds += seconds


class FakeAws:
    """Clients of AWS. `answers` holds, by service and operation, an answer, an error, or a function of the arguments;
    a list of them is used up one by one, but for its last."""

    def __init__(self, answers: Any) -> None:
        self.answers = answers
        self.calls: list[Any] = []

    def __call__(self, service: Any) -> Any:
        return _Client(self, service)

    def called(self, operation: Any) -> Any:
        return [arguments for _, name, arguments in self.calls if name == operation]


class _Client:
    def __init__(self, aws: Any, service: Any) -> None:
        self._aws, self._service = aws, service

    def __getattr__(self, operation: Any) -> Any:
        def call(**arguments: Any) -> Any:
            self._aws.calls.append((self._service, operation, arguments))
            answer = self._aws.answers[f"{self._service}.{operation}"]
            if isinstance(answer, list):
                answer = answer.pop(0) if len(answer) > 1 else answer[0]
            if isinstance(answer, Exception):
                raise answer
            return answer(**arguments) if callable(answer) else answer

        return call

    def get_paginator(self, operation: Any) -> Any:
        return _Paginator(getattr(self, operation))


class _Paginator:
    """One page of everything."""

    def __init__(self, call: Any) -> None:
        self._call = call

    def paginate(self, **arguments: Any) -> Any:
        return [self._call(**arguments)]


def refused(code: Any, message: Any = "", operation: Any = "Operation", status: Any = 400) -> Any:
    """An error as boto3 raises it."""
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, operation)


def a_rehearsal(answers: Any = None, *, local: Any = False, **more: Any) -> Any:
    """A rehearsal over fakes; what is not given is that of an account of its own in Stockholm."""
    time = Time()
    made = Rehearsal(
        stage=Stage("rehearse-abcd", {"PUBLIC_URL": "https://x.example", "MAIL_DOMAIN": "example.com"}),
        region="eu-north-1",
        account=ACCOUNT,
        mail_domain="example.com",
        local=local,
        sizes=more.pop("sizes", Sizes()),
        client=FakeAws(answers or {}),
        pause=time.pause,
        now=time.now,
    )
    for name, value in more.items():
        setattr(made, name, value)
    return made
