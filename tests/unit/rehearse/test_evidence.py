"""The evidence: what it says, what it must not say, and that what it costs is known beforehand."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.unit.rehearse.rehearsing import ACCOUNT, a_rehearsal
from tools.rehearse import costs
from tools.rehearse.evidence import SCHEMA, Report
from tools.rehearse.page import duration, figure
from tools.rehearse.runner import Runner
from tools.rehearse.steps import Failed, Skipped, step

TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJVMSJ9.c2lnbmF0dXJl"


@step(uses=lambda sizes: {"write units": sizes.import_rows * 10})
def importing(rehearsal):
    """People are imported.

    That chunks are written.
    """
    rehearsal.hide("hunter2 hunter2")
    return {"rows": 100_000, "password": "hunter2 hunter2", "arn": f"arn:aws:sns:eu-north-1:{ACCOUNT}:t"}


@step()
def refusing(_):
    """Something <b>fails</b>."""
    who = f"arn:aws:iam::{ACCOUNT}:user/alice is not authorized with {TOKEN}"
    raise Failed(who, "the log group")


@step()
def skipping(_):
    """Something does not apply."""
    raise Skipped("there is none")


STEPS = [importing, refusing, skipping]


@pytest.fixture
def report(tmp_path):
    rehearsal = a_rehearsal()
    made = Report(rehearsal, STEPS, tmp_path / "r" / "one", version="0.1.0", started=datetime.now(UTC))
    outcomes = Runner(STEPS, rehearsal).run()
    made.save(outcomes, ended=True, remove="rollcall rehearse --remove rehearse-abcd")
    return made


def test_it_is_one_document_of_a_known_schema(report):
    document = json.loads(report.files[0].read_text("utf-8"))
    assert document["schema"] == SCHEMA == 1
    assert document["result"] == "failed"
    assert document["counts"] == {"passed": 1, "failed": 1, "skipped": 1}
    assert [(told["name"], told["result"]) for told in document["steps"]] == [
        ("importing", "passed"),
        ("refusing", "failed"),
        ("skipping", "skipped"),
    ]
    assert document["steps"][0]["proves"] == "That chunks are written."
    assert document["steps"][0]["dollars"] == pytest.approx(costs.MARGIN * 0.625, abs=1e-4)
    assert document["estimate"]["dollars"] == pytest.approx(0.84)


def test_it_holds_no_secret_and_nobodys_name(report):
    for file in report.files:
        text = file.read_text("utf-8")
        for secret in ("hunter2", ACCOUNT, "alice", TOKEN):
            assert secret not in text, (file.name, secret)


def test_the_page_says_the_same_and_asks_for_nothing(report):
    page = report.files[1].read_text("utf-8")
    for said in (
        "People are imported",
        "the log group",
        "there is none",
        "100\u202f000",
        "--remove rehearse-abcd",
    ):
        assert said in page
    assert "&lt;b&gt;fails" in page
    for wanted in ("<script", "src=", "href=", "url(", "@import"):
        assert wanted not in page


def test_a_rehearsal_that_goes_on_is_neither_passed_nor_failed(report):
    assert report.document([], ended=False, remove=None)["result"] == "running"


def test_figures_read_well():
    assert (figure(True), figure(1234567), figure([]), figure({"a_b": [1, 2]})) == (
        "yes",
        "1\u202f234\u202f567",
        "none",
        "a b: 1, 2",
    )
    assert (duration(0.44), duration(59.6), duration(185)) == ("0.4 s", "1 min 0 s", "3 min 5 s")


def test_a_unit_without_a_price_is_an_error():
    with pytest.raises(KeyError, match="unicorns"):
        costs.dollars({"unicorns": 1})
