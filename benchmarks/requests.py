"""A request through the HTTP edge (validation, problem documents, request ids, one log line) against bare Chalice."""

from __future__ import annotations

import json
import os
from contextlib import redirect_stdout
from typing import Any

from chalice import Blueprint, Chalice

from benchmarks.measuring import Measured, medians, microseconds

TIMES = 300


def measure() -> list[Measured]:
    # The log line of each request is part of what is measured, and of no interest here.
    with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        ours, bare = _ours(), _bare()
        runs = {
            "ours": lambda: microseconds(lambda: ours(EVENT, None), TIMES),
            "bare": lambda: microseconds(lambda: bare(EVENT, None), TIMES),
        }
        found = medians(runs, rounds=7, seconds=10)
    return [Measured("a POST with a body", found["ours"], found["bare"], "us")]


def _ours() -> Chalice:
    from pydantic import BaseModel

    from chalicelib.core.http.current import authenticate_with
    from chalicelib.core.http.middleware import add_security_headers, reply_with_problems
    from chalicelib.core.http.routing import ANYONE, ListQuery, Model, Request, declares

    class Greeting(Model):
        name: str

    class Greeted(BaseModel):
        hello: str

    routes = Blueprint(__name__)

    @routes.route("/greetings", methods=["POST"], content_types=[])
    @declares(who=ANYONE, body=Greeting, query=ListQuery, answers={200: Greeted})
    def greet(request: Request[Greeting, ListQuery]) -> dict[str, Any]:
        """Greet."""
        return {"hello": request.body.name}

    app = Chalice("ours")
    app.register_middleware(add_security_headers, "http")
    app.register_middleware(authenticate_with(_nobody), "http")
    app.register_middleware(reply_with_problems, "http")
    app.register_blueprint(routes)
    return app


def _bare() -> Chalice:
    app = Chalice("bare")

    @app.route("/greetings", methods=["POST"])
    def greet() -> dict[str, Any]:
        request = app.current_request
        assert request is not None
        return {"hello": request.json_body["name"]}

    return app


def _nobody(_token: str) -> Any:
    raise AssertionError("nobody signs in here")


EVENT = {
    "resource": "/greetings",
    "path": "/greetings",
    "httpMethod": "POST",
    "headers": {"Content-Type": "application/json"},
    "multiValueQueryStringParameters": None,
    "pathParameters": None,
    "stageVariables": None,
    "requestContext": {
        "resourcePath": "/greetings",
        "httpMethod": "POST",
        "requestId": "benchmark",
        "identity": {"sourceIp": "192.0.2.1"},
    },
    "body": json.dumps({"name": "Ada"}),
    "isBase64Encoded": False,
}
"""What API Gateway sends."""
