"""Log lines and metrics are those that Powertools for AWS Lambda writes, byte for byte but for the time."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial

import pytest
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from chalicelib.core import context, logs, wire

TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1"
FIELDS = {
    "none": {},
    "of every kind": {
        "n": 1.5,
        "whole": 7,
        "is": True,
        "parts": {"a": [1, None]},
        "when": datetime(2026, 1, 1, tzinfo=UTC),
    },
    "without a value": {"reason": None, "job": "J1"},
    "that no transport takes": {"text": "Zoë 🦊 \ud800 \uffff\n"},
    "with names of the line's own": {
        "level": "mine",
        "location": "there",
        "timestamp": "then",
        "service": "other",
    },
}


@pytest.fixture(params=["", TRACE], ids=["untraced", "traced"])
def _traced(request, monkeypatch):
    monkeypatch.setenv("_X_AMZN_TRACE_ID", request.param)


@pytest.mark.usefixtures("_traced")
@pytest.mark.parametrize("fields", FIELDS.values(), ids=FIELDS)
@pytest.mark.parametrize("level", ["INFO", "WARNING", "ERROR"])
def test_a_line_is_the_one_that_powertools_writes(level, fields):
    of_record = {"levelname": level, "msg": "two words", "funcName": "f", "lineno": 7, "created": 1.7e9}
    theirs = LambdaPowertoolsFormatter(
        json_serializer=partial(wire.to_json, default=str), use_rfc3339=True, utc=True, service="rollcall"
    )
    ours = logs.line(level, "f:7", "two words", 1.7e9, fields)
    assert wire.to_json(ours, default=str) == theirs.format(logging.makeLogRecord(of_record | fields))


@pytest.mark.parametrize(
    ("value", "unit", "dimensions"),
    [(1, "Count", {}), (3.5, "Seconds", {"table": "users"}), (2, "Count", {"share": "notice", "by": "mailbox"})],
)
def test_a_metric_is_the_one_that_powertools_writes(capsys, value, unit, dimensions):
    logs.count("Things", value, unit=unit, **dimensions)
    ours = capsys.readouterr().out
    with single_metric(name="Things", unit=MetricUnit(unit), value=value, namespace="Rollcall") as emitted:
        for name, text in {"stage": "test", **dimensions}.items():
            emitted.add_dimension(name, text)
    assert _untimed(ours) == _untimed(capsys.readouterr().out)


def test_a_line_names_who_wrote_it_and_its_request(capsys):
    with context.working_for("R1"):
        logs.info("happened", n=1)
    logs.warning("odd")
    first, second = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (first["request_id"], first["n"], first["level"]) == ("R1", 1, "INFO")
    assert first["location"].startswith("test_a_line_names_who_wrote_it_and_its_request:")
    assert "request_id" not in second


def test_an_error_is_told_by_its_class_and_its_lines_and_not_by_its_text(capsys):
    try:
        raise ValueError("ada@example.com")
    except ValueError as error:
        logs.failure("failed", error, job="J1")
        logging.getLogger("rollcall").exception("Caught exception for path %s", "/me")  # as Chalice does
    ours, of_chalice = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for line in (ours, of_chalice):
        assert (line["level"], line["error"]) == ("ERROR", "ValueError")
        assert line["at"][-1].startswith("test_logs.py:")
        assert "ada@" not in str(line)
    assert (ours["message"], ours["job"]) == ("failed", "J1")
    assert of_chalice["message"] == "Caught exception for path /me"


def test_lines_below_the_least_level_are_not_written():
    program = (
        "from chalicelib.core import logs as l; l.info('quiet'); l.warning('loud'); l.failure('bad', OSError())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "LOGGING_LEVEL": "WARNING"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert [json.loads(line)["message"] for line in done.stdout.splitlines()] == ["loud", "bad"]


def test_a_line_is_written_in_one_piece(monkeypatch):
    written = []

    class Stdout:
        def write(self, text):
            written.append(text)

        def flush(self):
            written.append("")

    monkeypatch.setattr("sys.stdout", Stdout())
    logs.info("happened")
    assert len(written) == 2
    assert json.loads(written[0])["message"] == "happened"
    assert written[0].endswith("}\n")


def _untimed(line):
    members = json.loads(line)
    assert members["_aws"].pop("Timestamp") > 1_700_000_000_000
    return json.dumps(members)
